"""The command line: wiring only, one module a command, each imported only when it is asked for."""
