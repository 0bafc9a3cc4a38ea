#!/usr/bin/env bash
# All minima of a function with several: descents from a grid of starts, each end counted once.
set -eu

for x in -3 3; do
  for y in -3 0 3; do
    # Not every descent need end in a minimum; the verdict is on its line.
    gdcli minimize himmelblau --start $x,$y --print point,f,classification --quiet || true
  done
done > ends.txt

# Two ends are the same minimum where four decimals agree.
awk '/minimum$/ {printf "%.4f %.4f  f = %.4f\n", $1, $2, $3}' ends.txt |
  sort | uniq -c

# prints:
#         2 -2.8051 3.1313  f = 0.0000
#         1 -3.7793 -3.2832  f = 0.0000
#         1 3.0000 2.0000  f = 0.0000
#         2 3.5844 -1.8481  f = 0.0000
