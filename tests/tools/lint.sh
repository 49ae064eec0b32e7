#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# lint.sh: run every check in lint/ from the top of the source tree. A check prints what it
# finds and fails if that is wrong. $CC, $FLAGS, $O and $SUBMAKE come from the Makefile.
set -u

tools=$(dirname "$0")
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

passed=0
failed=0
for check in "$tools"/lint/*; do
	[ -x "$check" ] || continue
	if "$check" >"$log" 2>&1; then
		echo "  ok       ${check##*/}"
		passed=$((passed + 1))
	else
		echo "  FAILED   ${check##*/}"
		failed=$((failed + 1))
	fi
	sed 's/^/    /' "$log"
done
"$tools/tally.sh" lint "$passed" "$failed"
