# Writes the version, and a line about it at the end of the changelog unless there is one.
set -eu

printf '%s\n' "$VERSION" > VERSION
grep -qxF -e "- $VERSION" CHANGELOG.md || printf '%s\n' "- $VERSION" >> CHANGELOG.md
