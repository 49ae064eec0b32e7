#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# files.sh [PATTERN...]: the project's files whose paths match one of the shell patterns (all
# if none is given). In a checkout those that git knows or would add; in an unpacked tarball
# all but what configure and make made.
set -eu

list() {
	if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
		git ls-files --cached --others --exclude-standard --deduplicate
	else
		find . \( -name __pycache__ -o -path ./.git -o -path ./build \) -prune -o \
			-type f -print |
			sed -e 's|^\./||' -e '/^configure$/d' -e '/^src\/config\.h\.in$/d'
	fi
}

matches() {
	path=$1
	shift
	[ $# -ne 0 ] || return 0
	for pattern in "$@"; do
		# shellcheck disable=SC2254 # a pattern it is
		case $path in $pattern) return 0 ;; esac
	done
	return 1
}

list | sort | while IFS= read -r path; do
	if [ -f "$path" ] && matches "$path" "$@"; then
		printf '%s\n' "$path"
	fi
done
