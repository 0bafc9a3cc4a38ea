#!/usr/bin/env bash
# Many starts, two processes at a time by xargs -P, and the best of what they find.
# needs xargs
set -eu

for x in -20 -5 10; do
  for y in -15 15; do
    echo "$x,$y"
  done
done > starts.txt

# A run that ends in no minimum has another exit status than 0, and xargs then 123: no error here, for
# each line says how its run ended.
xargs -P 2 -I START gdcli minimize five-well --start=START --print f,point,classification --quiet \
  < starts.txt > ends.tsv || true

# Lines never mix, but come in any order: the first field is f, which sort -g takes as a number.
echo "$(wc -l < ends.tsv) descents, $(grep -c minimum ends.tsv) in a minimum; the best:"
sort -g ends.tsv | head -n 1 | cut -f 1,2

# prints:
#   6 descents, 6 in a minimum; the best:
#   -1.154233846523609	4.932289271117311 -10.000515903022881
