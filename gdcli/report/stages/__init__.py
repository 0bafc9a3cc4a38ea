"""Function → Listing: the stages that `gdcli show` prints, a module for each, before formatting."""
