"""Names get their meaning: roles, scopes, sizes and shapes. No tape is known here."""
