"""Function to Listing: the stages that `gdcli show` lays open, before a format writes them."""

from gdcli.autodiff.passes import SCHEDULING_PASSES

REVERSE = "reverse"
MODES = (REVERSE, "tangent")  # of a derivative program
GRADIENT_PASSES = (REVERSE, *SCHEDULING_PASSES)  # of making a gradient tape
