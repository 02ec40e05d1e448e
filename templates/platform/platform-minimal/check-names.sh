# The list is sorted by bytes, and every name is there once.
set -eu

[ -s names.txt ] || { echo 'names.txt: there is no name in it'; exit 1; }
LC_ALL=C awk '
  NF == 0 { printf "names.txt:%d: the line is empty\n", NR; bad = 1 }
  NR > 1 && ($0 "") <= before { printf "names.txt:%d: %s is out of order, or there twice\n", NR, $0; bad = 1 }
  { before = $0 "" }
  END { exit bad }
' names.txt
