#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# distcheck.sh TARBALL: unpack it, build outside its tree (which stays read-only, and without
# autoconf), run the unit tests, install into a folder, run what is there, uninstall, and look
# for leavings.
set -eu

tarball=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
make="${SUBMAKE:-make} AUTOCONF=false AUTOHEADER=false"
MAKEFLAGS=
export MAKEFLAGS

cd "$work"
tar -xzf "$tarball"
tree=$(echo "$work"/postrider-*)
find "$tree" | sort >before
chmod -R a-w "$tree"

mkdir build
cd build
"$tree/configure" --quiet --enable-werror --prefix=/usr --sysconfdir=/etc --localstatedir=/var
$make all
$make check-unit
$make install DESTDIR="$work/root"
for link in usr/sbin/sendmail usr/lib/sendmail usr/bin/mailq usr/bin/newaliases; do
	[ "$(readlink -f "$work/root/$link")" = "$work/root/usr/bin/postrider" ]
done
for page in man8/sendmail.8 man1/mailq.1 man1/newaliases.1; do
	[ "$(readlink -f "$work/root/usr/share/man/$page")" = \
		"$work/root/usr/share/man/man1/postrider.1" ]
done
[ -x "$work/root/usr/share/doc/postrider/contrib/msmtprc2postrider" ]
"$work/root/usr/bin/postrider" --version
$make uninstall DESTDIR="$work/root"
cd "$work"

leavings=$(find root -type f -o -type l)
[ -z "$leavings" ] || {
	echo "uninstall left: $leavings"
	exit 1
}
find "$tree" | sort | diff before -
echo "distcheck: ${tarball##*/} is fine"
