"""Every way to differentiate a Function, and the answer that `gdcli grad` gives with it.

DERIVATIVES names the ways, with a line of help each; `registry` has their records. FORMULA_STYLES
names how `formulas` writes a symbolic gradient.
"""

DERIVATIVES = {
    "reverse": "reverse mode",
    "tangent": "forward mode",
    "forward-difference": "forward differences",
    "central-difference": "central differences",
    "complex-step": "complex steps",
    "symbolic": "formulas by SymPy",
}
FORMULA_STYLES = ("text", "unicode", "latex")
