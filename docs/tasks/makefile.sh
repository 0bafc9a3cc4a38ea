#!/usr/bin/env bash
# A Makefile for a fit: what depends on model and data is made anew where they changed, only then.
# needs make matplotlib
set -eu

cat > Makefile <<'RULES'
.DELETE_ON_ERROR:
all: report.txt
# One run makes the table of the iterates and the picture.
trace.csv: model.toml data.csv
	gdcli minimize ./model.toml --data data.csv -o $@ --plot picture.png --quiet
# The report begins where the trace ends.
report.txt: trace.csv
	gdcli minimize ./model.toml --data data.csv --start @trace.csv -o $@ --quiet
RULES
cat > model.toml <<'MODEL'
title = "A cup of tea cools in a room of 20 degrees"
expression = "f(T, r) = sum((20 + T*exp(-r*minutes[i]) - celsius[i])^2 for i in 1:n)"
start = [60, 0.05]
MODEL
printf 'minutes,celsius\n0,90\n5,73\n10,60\n20,43\n40,27\n' > data.csv

make
grep ' = ' report.txt
make

# Where a fit ends in no minimum, the exit status is not 0: make stops, and leaves no half of a trace.
printf 'minutes,celsius\n0,9\n1,50\n' > data.csv
make --silent 2> errors.txt || echo "what is left: $(echo *.csv)"

# prints:
#   gdcli minimize ./model.toml --data data.csv -o trace.csv --plot picture.png --quiet
#   gdcli minimize ./model.toml --data data.csv --start @trace.csv -o report.txt --quiet
#       T = 70.09091488370908
#       r = 0.05616138319566314
#       f = 0.22682771796284382
#   ‖∇f‖∞ = 9.299668222995106e-09
#   make: Nothing to be done for 'all'.
#   what is left: data.csv
