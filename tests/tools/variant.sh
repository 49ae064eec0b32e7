#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# variant.sh linked|musl BUILD: configure and build the program in another way, in a folder
# below BUILD, and see whether it works.
#
# linked: with GnuTLS and libidn2 linked. The unit tests of all that calls them are run, too.
# musl: static, for another libc. Of this system it takes headers, and inih, which runs with
# either libc. The other two libraries are not there for musl; a static program opens none.
set -eu

variant=$1
mkdir -p "$2/$variant"
top=$(pwd)
folder=$(cd "$2/$variant" && pwd)

# A folder that was configured before configures itself when it has to.
configure() {
	[ -f "$folder/config.status" ] || (cd "$folder" && "$top/configure" --quiet \
		--enable-werror --disable-lto CFLAGS=-O1 "$@")
}

build() {
	# shellcheck disable=SC2086 # a command with its options
	${SUBMAKE:-make} BUILD="$folder" label=", $variant" "$@"
}

# The kernel's headers come with no libc; those of glibc stay out of sight.
borrow() {
	rm -rf "$folder/borrowed"
	mkdir -p "$folder/borrowed/include" "$folder/borrowed/lib"
	headers=$(pkg-config --variable=includedir gnutls)
	ln -s "$headers/gnutls" "$headers/idn2.h" "$headers/ini.h" \
		"$headers/linux" "$headers/asm-generic" "$headers/$(gcc -print-multiarch)/asm" \
		"$folder/borrowed/include"
	# An old name, which musl's loader knows, but not its archive.
	objcopy --redefine-sym fopen64=fopen \
		"$(pkg-config --variable=libdir inih)/libinih.a" "$folder/borrowed/lib/libinih.a"
}

variant_linked() {
	configure --enable-linked-libraries
	tests=$(grep -rlE 'gnutls\.|gnutls_load|idn_' src tests/unit --include='*.c' |
		sed 's|^src/\(.*\)/|tests/unit/\1/test_|' | sort -u |
		while read -r test; do [ ! -f "$test" ] || echo "$test"; done | tr '\n' ' ')
	build unit_test_c="$tests" check-unit
	PYTEST_ADDOPTS='-m smoke' build check-e2e
}

variant_musl() {
	borrow
	configure CC=musl-gcc CPPFLAGS="-idirafter $folder/borrowed/include" \
		LDFLAGS="-static -L$folder/borrowed/lib" \
		pr_cv_soname_gnutls=libgnutls.so pr_cv_soname_idn2=libidn2.so
	PYTEST_ADDOPTS="-m 'smoke and not library'" build check-e2e
}

"variant_$variant"
