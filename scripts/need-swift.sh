#!/usr/bin/env bash
# Says what to do when there is no Swift, or one that is too old.
if ! command -v swift >/dev/null; then
    echo "Quire needs Swift 6.2 or newer: see https://www.swift.org/install/" >&2
    exit 1
fi
