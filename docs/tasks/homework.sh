#!/usr/bin/env bash
# Calculus homework: the slope of f(x) = x³ − 3x + 1, its minimum, and a derivation by hand, checked.
set -eu

f="x^3 - 3x + 1"
echo "f'(2) = $(gdcli grad "$f" --at 2 --format plain)"
echo "f'(x) = $(gdcli grad "$f" --symbolic --format plain)"

# From 2 the descent ends in the local minimum; from -2 f falls without end.
echo "minimum at x = $(gdcli minimize "$f" --start 2 --format plain --quiet)"
gdcli minimize "$f" --start -2 --format plain --quiet > nothing.txt ||
  echo "from -2: exit status $?"

# Product rule, by hand: (x² sin x)' = 2x sin x + x² cos x.
gdcli check "x^2*sin(x)" --gradient "2x*sin(x) + x^2*cos(x)" --format plain && echo "right"

# prints:
#   f'(2) = 9
#   f'(x) = 3*x^2 - 3
#   minimum at x = 1.0000000001911982
#   from -2: exit status 4
#   96
#   gdcli: right: compared at 96 points
#   right
