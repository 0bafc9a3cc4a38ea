"""Function → Listing: the stages that `gdcli show` prints, a module for each, before formatting."""

from gdcli.autodiff.passes import GRADIENT_PASS_NAMES, VALUE_PASS_NAMES

STAGES = ("expression", "tape", "gradient", "source", "llvm", "graph")
UNITS_STAGE = "units"  # of a model
REVERSE = "reverse"
MODES = (REVERSE, "tangent")  # of a derivative program
STAGE_PASSES = {  # that a stage can be shown after, in their order
    "tape": VALUE_PASS_NAMES,
    "gradient": (REVERSE, *GRADIENT_PASS_NAMES),
}
PASS_NAMES = tuple(dict.fromkeys(name for names in STAGE_PASSES.values() for name in names))
