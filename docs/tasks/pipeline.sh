#!/usr/bin/env bash
# What one command writes, the next one reads: a trace is a list of points, and a start.
set -eu

# A descent that is to be short. Its exit status is then 3: a limit was reached.
gdcli minimize rosenbrock --max-iterations 20 -o run.jsonl --quiet || echo "exit status $?"

# The gradient at its last point.
tail -n 1 run.jsonl | gdcli grad rosenbrock --at - --print point,gradient

# Another function at all of its points: how far are they from (1, 1)?
gdcli eval "hypot(x - 1, y - 1)" --at @run.jsonl --print f | sed -n '1p;11p;$p'

# The descent goes on where it stopped.
gdcli minimize rosenbrock --start @run.jsonl --print status,point --quiet

# And the other way: f at all points of a grid, the lowest of them as a start.
for x in -4 -2 0 2 4; do for y in -4 -2 0 2 4; do echo "$x,$y"; done; done > grid.txt
lowest=$(gdcli eval himmelblau --at @grid.txt --print f,point | sort -g | head -n 1 | cut -f 2)
echo "from $lowest: $(gdcli minimize himmelblau --start "$lowest" --print classification,point --quiet)"

# prints:
#   exit status 3
#   -0.5399844684383351 0.300433831705427	-1.168293123395165 1.7701211101591285
#   2.2
#   1.6702912190666108
#   1.6914328206741327
#   converged	0.9999999999975063 0.9999999999950029
#   from 4 -2: minimum	3.584428340333204 -1.8481265269698814
