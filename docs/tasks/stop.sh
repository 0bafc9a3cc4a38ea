#!/usr/bin/env bash
# A long descent is stopped, and goes on later from where it was.
set -eu

# Nobody wants to wait for this one. Its iterates are on standard output as they happen.
gdcli minimize rosenbrock-n --size n=4 --alpha 1e-6 --max-iterations 1000000000 \
  --max-evaluations 1000000000 --format jsonl --quiet > run.jsonl &
until test -s run.jsonl; do sleep 0.1; done

# SIGTERM and Ctrl-C end it at once, and the last line is the best point so far. The same happens by
# itself after an hour in `timeout --preserve-status 3600 gdcli ...`.
kill $!
wait $! || echo "exit status $?"

# From there with a better step size: as none is given, it is chosen in each step.
gdcli minimize rosenbrock-n --size n=4 --start @run.jsonl --print status,classification --quiet

# prints:
#   exit status 143
#   converged	minimum
