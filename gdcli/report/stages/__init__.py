"""Function → Listing: the stages that `gdcli show` prints, a module for each, before formatting."""

from gdcli.autodiff.passes import SCHEDULING_PASSES

STAGES = ("expression", "tape", "gradient", "source", "llvm", "graph")
UNITS_STAGE = "units"  # of a model
REVERSE = "reverse"
MODES = (REVERSE, "tangent")  # of a derivative program
GRADIENT_PASSES = (REVERSE, *SCHEDULING_PASSES)  # of making a gradient tape
