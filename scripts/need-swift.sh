#!/usr/bin/env bash
# Says what to do when there is no Swift, or one that is too old.
version="$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)"
read -r major minor <<<"${version:-0 0}"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    echo "Quire needs Swift 6.2 or newer, found $([ -n "$version" ] && echo "$major.$minor" || echo none): see https://www.swift.org/install/" >&2
    exit 1
fi
