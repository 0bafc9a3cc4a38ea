"""Every way to differentiate a Function, and the answer that `gdcli grad` gives with it."""
