# The file and the changelog tell of the same version, and it is the one that was to be released.
set -eu

if ! printf '%s\n' "$VERSION" | cmp -s - VERSION; then
  echo "VERSION: $(cat VERSION) instead of $VERSION"
  exit 1
fi
if ! grep -qxF -e "- $VERSION" CHANGELOG.md; then
  echo "CHANGELOG.md: nothing tells of $VERSION"
  exit 1
fi
