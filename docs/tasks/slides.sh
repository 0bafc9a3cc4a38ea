#!/usr/bin/env bash
# Pictures for three slides of a lecture: gradient, descent and step size, many wells.
# needs matplotlib
set -eu

# Slide 1: at (1, 2) the gradient of x² + xy stands at a right angle to the contour.
gdcli plot "x^2 + x*y" --kind contour --at 1,2 -o gradient.png --quiet

# Slide 2: a descent into a bowl, as a moving picture: a small step size creeps, a large one swings.
gdcli plot "x^2 + y^2" --kind descent --start 0.9,0.9 --compare-alpha 0.1,0.95 --max-iterations 9 \
  -o bowl.gif --quiet

# Slide 3: five wells; other starts end in other wells.
gdcli plot five-well --kind descent --start 0,14 --start=-14,3 --start 14,-12 -o wells.png --quiet

# Whether all are there; a picture of less than 10,000 bytes would show nothing.
for picture in gradient.png bowl.gif wells.png; do
  test "$(wc -c < "$picture")" -gt 10000 && echo "$picture"
done

# prints:
#   gradient.png
#   bowl.gif
#   wells.png
