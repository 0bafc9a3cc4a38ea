"""Function to Listing: the stages that `gdcli show` lays open, before a format writes them."""
