#!/usr/bin/env bash
# Installs the Debian packages that Quire needs; with --shop also what the demo of the shop needs, with --tests what the
# tests need. Does nothing when all are there.
set -euo pipefail

packages=(git g++ libicu-dev libstemmer-dev zlib1g-dev liblz4-dev libhiredis-dev libsqlite3-dev)
[ -n "${1:-}" ] && packages+=(redis-server python3 python3-aiosmtpd python3-pip openssl)
if [ "${1:-}" = --tests ]; then
    packages+=(chromium chromium-driver fonts-noto-cjk python3-pil python3-selenium python3-jwt)
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Please install: ${missing[*]} (their names on Debian), then run this again." >&2
    exit 1
fi
become=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Please run as root, or install sudo; needed: ${missing[*]}" >&2; exit 1; }
    become=(sudo)
fi
echo "Installing ${missing[*]}"
"${become[@]}" apt-get update -qq
"${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
