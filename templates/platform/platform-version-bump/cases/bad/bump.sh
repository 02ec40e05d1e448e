# Forgets the changelog.
printf '%s\n' "$VERSION" > VERSION
