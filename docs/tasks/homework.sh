#!/usr/bin/env bash
# Calculus homework on f(x, y) = x³ − 3xy + y²: gradient, Hessian, stationary points, and my own
# derivation, checked.
set -eu

f="x^3 - 3x*y + y^2"

# The gradient in formulas, a line each, and in exact fractions; the Hessian, row by row.
echo "∇f = ($(gdcli grad "$f" --symbolic --format plain | paste -sd,))"
echo "∇f(1/2, 1/3) = ($(gdcli grad "$f" --at 1/2,1/3 --exact --format plain))"
echo "∇²f(1/2, 1/3) = ($(gdcli grad "$f" --at 1/2,1/3 --exact --hessian --print hessian))"

# What I derived by hand. The exit status is the answer: 0 is right, 1 is wrong.
gdcli check "$f" --gradient "3x^2 - 3y, 2y - 3x" --hessian "6x, -3; -3, 2" > mine.txt
tail -n 1 mine.txt
gdcli check "$f" --gradient "3x^2 - 3y, 2y" > first.txt || echo "exit status $?: $(tail -n 1 first.txt)"

# Where both components are 0, by hand: y = x² and y = 3x/2, so (0, 0) and (3/2, 9/4). A descent that
# begins at such a point stays there, and says what it is; a saddle has exit status 5.
for point in 0,0 3/2,9/4; do
  gdcli minimize "$f" --start "$point" --print point,classification --quiet || echo "exit status $?"
done

# prints:
#   ∇f = (3*x^2 - 3*y,-3*x + 2*y)
#   ∇f(1/2, 1/3) = (-1/4 -5/6)
#   ∇²f(1/2, 1/3) = (3 -3 -3 2)
#   right: compared at 96 points
#   exit status 1: wrong in y at x=1.7, y=-1.4: yours -2.8, the derivative is -7.9; perhaps a term is missing: the derivative of x^3 - 3*x*y
#   0 0	saddle
#   exit status 5
#   1.5 2.25	minimum
