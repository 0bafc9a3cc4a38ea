"""gdcli beside its peers, in one run: `python -m benchmarks`. Never part of the tests."""
