#!/bin/bash
# The examples of the documents do what the documents say.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$CARE" "$work/bin/care"
export PATH=$work/bin:$PATH
total=0
for document in docs/getting-started.md; do
    folder=$work/$(basename "$document" .md)
    mkdir "$folder"
    /usr/bin/python3 Scripts/integration/support/docs.py "$document" "$folder"
    total=$((total + 1))
done
echo "$total document, every command ended with 0"
