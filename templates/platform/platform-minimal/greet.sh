# Greets every name of the list, one a line. The last line may lack its line break.
set -eu

while read -r name || [ -n "$name" ]; do
  printf '%s, %s!\n' "$GREETING" "$name"
done < names.txt
