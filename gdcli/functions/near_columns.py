"""Columns of a table with nearly the name of a vector of variables, which may be meant instead.

Comes in: an Expression without a header, the roles of its names, and data as `data.arrays` takes
them. Goes out: sentences, or ExpressionError where the names are too near to be two.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from gdcli.errors import ExpressionError, Span, brief
from gdcli.functions.data import unread_columns
from gdcli.language.lexer import normalised
from gdcli.language.semantics.roles import Roles
from gdcli.language.suggest import distance
from gdcli.language.syntax import Expression

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources


def near_columns(expression: Expression, roles: Roles, data: DataSources) -> tuple[str, ...]:
    """Notes on vectors of variables with nearly the names of columns that the text does not name.

    Raises ExpressionError for a name that differs in case only, or in a letter of several, or is
    that of a column without its units.
    """
    headings = unread_columns(data, {str(node.value) for node in expression.nodes})
    vectors = [one.name for one in roles.arrays.values() if not one.data and len(one.lengths) == 1]
    notes = []
    for name, heading in product(vectors, headings):
        word = re.split(r"[^\w]", normalised(heading).casefold(), maxsplit=1)[0]
        if abs(len(name) - len(word)) > 1:
            continue
        edits = distance(name.casefold(), word)
        siblings = re.sub("[0-9]", "0", name) == re.sub("[0-9]", "0", heading)  # as p1 and p2
        what = f"`{name}` is a vector of variables, and the data have a column `{brief(heading)}`"
        if edits == 1 and (len(name) == 1 or siblings):
            notes.append(f"{what} that is not used")
        elif edits < 2:
            declared = f"`f({', '.join(roles.variables)}) = ...`"
            start = next(node.span.start for node in expression.nodes if node.value == name)
            raise ExpressionError(
                f"{what} that is not used; name both alike, or declare it: {declared}",
                expression.text,
                Span(start, start + len(name)),
            )
    return tuple(notes)
