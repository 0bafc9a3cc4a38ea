#!/usr/bin/env bash
# How does the minimum move with a parameter? Without jq: --print writes a line of fields.
set -eu

f="x^4 - c*x^2 + x"
echo "c,x,f,verdict"
for c in 0 1 2; do
  run=$(gdcli minimize "$f" --set c=$c --start -1 --print x,f,classification --quiet)
  IFS=$'\t' read -r x f_min verdict <<< "$run"
  printf '%s,%.6f,%.6f,%s\n' "$c" "$x" "$f_min" "$verdict"
done

# Under `set -e` the loop above would have stopped at the first run without a minimum. Where that may
# happen, `if` asks for the exit status; here a limit is reached.
if ! x=$(gdcli minimize "$f" --set c=1 --start -1 --max-iterations 2 --print x --quiet); then
  echo "not yet a minimum: $x"
fi

# prints:
#   c,x,f,verdict
#   0,-0.629961,-0.472470,minimum
#   1,-0.884646,-1.054784,minimum
#   2,-1.107160,-2.056173,minimum
#   not yet a minimum: -0.8868778280542986
