#!/usr/bin/env bash
# Builds quire_VERSION_ARCH.deb: the program without Swift's libraries beside it, its unit, manual pages and completions.
#
#     packaging/build-deb.sh [OUTPUT-FOLDER]
#
# Needs dpkg-deb and what `swift build` needs. The libraries that the program is linked with become dependencies.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${1:-.}
scratch=${SCRATCH_PATH:-.build-deb}
swift build -c release --static-swift-stdlib --product quire --scratch-path "$scratch"
quire=$(swift build -c release --static-swift-stdlib --product quire --scratch-path "$scratch" --show-bin-path)/quire
version=$("$quire" --version)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

install -D -m 755 -s "$quire" "$root/usr/bin/quire"
install -D -m 644 packaging/quire.service "$root/lib/systemd/system/quire.service"
install -D -m 644 packaging/quire.default "$root/etc/default/quire"
install -D -m 644 packaging/quire.logrotate "$root/etc/logrotate.d/quire"
doc="$root/usr/share/doc/quire"
install -D -m 644 -t "$doc" README.md CHANGELOG.md docs/operate.md docs/options.md docs/tuning.md NOTICE
install -D -m 644 -t "$doc/examples" packaging/nginx.conf docs/monitoring/quire.rules.yml docs/monitoring/quire.dashboard.json
cp NOTICE "$doc/copyright"
for shell in bash:bash-completion/completions/quire zsh:zsh/vendor-completions/_quire fish:fish/vendor_completions.d/quire.fish; do
    mkdir -p "$(dirname "$root/usr/share/${shell#*:}")"
    "$quire" --generate-completion-script "${shell%%:*}" >"$root/usr/share/${shell#*:}"
done
mkdir -p "$root/usr/share/man/man1"
packaging/make-manual.py --quire "$quire" --folder "$root/usr/share/man/man1"
gzip -9n "$root"/usr/share/man/man1/*.1

mkdir -p "$root/DEBIAN"
packages=$(ldd "$quire" | awk '$3 ~ /^\// {print $3}' | xargs -n 1 readlink -f |
    while read -r library; do dpkg -S "$library" 2>/dev/null || dpkg -S "${library#/usr}"; done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
cat >"$root/DEBIAN/control" <<END
Package: quire
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The Quire authors <quire@example.org>
Section: web
Priority: optional
Depends: $packages, adduser | passwd
Suggests: nginx, prometheus
Installed-Size: $(du -ks "$root" | cut -f1)
Description: Full-text search for catalogs, Chinese and English
 An inverted-index engine behind an HTTP API: search while typing, facets,
 suggestions, spelling, synonyms and merchandising rules, changes that are
 durable and visible within a quarter of a second, metrics and keys.
END
printf '/etc/default/quire\n/etc/logrotate.d/quire\n' >"$root/DEBIAN/conffiles"
install -m 755 packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm "$root/DEBIAN"
mkdir -p "$output"
dpkg-deb --root-owner-group --build "$root" "$output/quire_${version}_$(dpkg --print-architecture).deb"
