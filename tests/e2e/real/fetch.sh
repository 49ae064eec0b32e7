#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Unpack Debian's mail servers below BUILD/real/root, without installing them: they conflict with
# one another, and nobody's machine should get a mail server from a test. Idempotent.
#
# usage: fetch.sh BUILD
set -eu

packages='postfix knot unbound dovecot-core dovecot-submissiond dovecot-lmtpd
	exim4-daemon-light libnss-wrapper opensmtpd'

[ $# -eq 1 ] || { echo "usage: $0 BUILD" >&2; exit 64; }
mkdir -p "$1/real/debs"
cache=$(cd "$1/real" && pwd)
# Another list makes it incomplete.
complete=$cache/complete-$(echo "$packages" | cksum | cut -d ' ' -f 1)

# Debian's libraries that PACKAGE needs, directly or not, and that this machine lacks.
libraries() {
	apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
		--no-enhances "$1" | sed -n 's/^  Depends: \(lib[^ ]*\)$/\1/p' |
	while read -r name; do
		if ! dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then
			echo "$name"
			libraries "$name"
		fi
	done
}

unpack() {
	[ -e "$cache/debs/$1.done" ] && return
	rm -f "$cache/debs/$1"_*.deb
	(cd "$cache/debs" && apt-get download -qq "$1")
	dpkg -x "$cache/debs/$1"_*.deb "$cache/root"
	find "$cache/root" -perm /6000 -exec chmod ug-s {} +
	rm -f "$cache/debs/$1"_*.deb
	touch "$cache/debs/$1.done"
}

fetch_all() {
	for package in $packages; do
		for library in $(libraries "$package"); do
			unpack "$library"
		done
		unpack "$package"
	done
}

# Dovecot looks for its modules below /usr/lib only; let it look below its working directory, which
# is base_dir. Both paths have 24 characters.
relocate_dovecot() {
	{
		grep -rlF /usr/lib/dovecot/modules \
			"$cache/root/usr/lib/dovecot" "$cache/root/usr/bin" || true
	} |
	xargs -r sed -i 's|/usr/lib/dovecot/modules|.//./././././././modules|g'
}

[ -e "$complete" ] && exit 0
exec 9>"$cache/lock"
flock 9
[ -e "$complete" ] && exit 0
# Downloading into a folder that apt's own user cannot enter works, with a needless warning.
fetch_all 2>"$cache/errors" || { cat "$cache/errors" >&2; exit 1; }
relocate_dovecot
touch "$complete"
