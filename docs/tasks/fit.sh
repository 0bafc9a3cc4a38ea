#!/usr/bin/env bash
# A curve fitted to the table of an instrument: headings that are no names, semicolons, remarks.
set -eu

cat > export.csv <<'CSV'
Time (s);Voltage [mV];remark
0;4.98;
1;3.07;
2;1.85;
4;0.71;lamp on
8;0.10;
CSV

# A header says which names are sought; without it tau could be a product of t, a and u.
model="f(U, tau) = sum((U*exp(-t[i]/tau) - v[i])^2 for i in 1:n)"

# The table may come through a pipe, here without the row with the lamp.
if fit=$(grep -v lamp export.csv | gdcli minimize "$model" --start 5,2 --print U,tau,f --quiet \
  --data - --column "t=Time (s)" --column "v=Voltage [mV]"); then
  IFS=$'\t' read -r U tau squares <<< "$fit"
  printf 'U = %.3f mV, tau = %.3f s, sum of squares %.1g\n' "$U" "$tau" "$squares"
else
  echo "no fit: exit status $?"
  exit 1
fi

# The curve at each time of the table, beside what was measured.
tail -n +2 export.csv | cut -d ';' -f 1 |
  gdcli eval "U*exp(-t/tau)" --set "U=$U,tau=$tau" --at - --print t,f |
  paste - <(tail -n +2 export.csv | cut -d ';' -f 2) |
  while read -r t curve measured; do printf '%s: %.2f, measured %s\n' "$t" "$curve" "$measured"; done

# prints:
#   U = 4.986 mV, tau = 2.035 s, sum of squares 0.0007
#   0: 4.99, measured 4.98
#   1: 3.05, measured 3.07
#   2: 1.87, measured 1.85
#   4: 0.70, measured 0.71
#   8: 0.10, measured 0.10
