"""Parameters that make the loss of a model over data small: gdcli fit."""
