#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# unit.sh NAME PROGRAM...: run cmocka programs and count their cases; $UNDER may hold a
# command to run them under. What a program prints is shown only if it fails.
set -u

name=$1
shift
tools=$(dirname "$0")
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

passed=0
failed=0
for program in "$@"; do
	# shellcheck disable=SC2086 # a command with its options
	CMOCKA_MESSAGE_OUTPUT=TAP ${UNDER-} "$program" >"$log" 2>&1
	code=$?
	good=$(grep -c '^ok ' "$log")
	skipped=$(grep -c '^not ok .*# SKIP' "$log")
	bad=$(grep '^not ok ' "$log" | grep -vc '# SKIP')
	if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ $((good + skipped)) -eq 0 ]; }; then
		bad=1
	fi
	if [ "$bad" -ne 0 ]; then
		cat "$log"
		echo "  FAILED   $program: $bad failed, exit $code"
	else
		printf '  ok %5d %s\n' "$good" "${program##*tests/unit/}"
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
done
"$tools/tally.sh" "$name" "$passed" "$failed"
