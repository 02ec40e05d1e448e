# Everybody on the list is greeted, and nobody else is.
set -eu

failed=0
names=0
while read -r name || [ -n "$name" ]; do
  names=$((names + 1))
  if ! grep -qxF -e "$GREETING, $name!" build/greetings.txt; then
    echo "names.txt:$names: nobody greets $name"
    failed=1
  fi
done < names.txt
greetings=$(grep -c '' build/greetings.txt)
if [ "$greetings" -ne "$names" ]; then
  echo "build/greetings.txt: $greetings greetings for $names names"
  failed=1
fi
exit "$failed"
