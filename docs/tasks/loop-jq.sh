#!/usr/bin/env bash
# How does the minimum move with a parameter? A run for each value, a JSON object each, and jq.
# needs jq
set -eu

f="x^4 - c*x^2 + x"
for c in 0 1 2; do
  gdcli minimize "$f" --set c=$c --start -1 --format json --quiet
done > runs.json

# A line a run: the parameter is in `held`, the end point in `x` under the name of its variable.
jq -r '[.held.c, .x.x, .f, .classification] | @csv' runs.json

# All runs together; with -e the answer is the exit status of jq too.
jq -s -c '{steps: map(.iterations) | add, deepest: min_by(.f).held.c}' runs.json
jq -s -e 'all(.classification == "minimum")' runs.json

# prints:
#   0.0,-0.6299605249474812,-0.4724703937105774,"minimum"
#   1.0,-0.8846461771300341,-1.0547840621853966,"minimum"
#   2.0,-1.107159871676085,-2.056172885244464,"minimum"
#   {"steps":17,"deepest":2.0}
#   true
