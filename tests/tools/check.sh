#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh BUILD GOAL[:FLAVOUR]...: make these goals, whatever becomes of each, and add up
# what they tell tally.sh. A goal that fails without telling counts as one failure.
set -u

TALLY=$(cd "$1" && pwd)/tally
export TALLY
shift
: >"$TALLY"

failures() {
	awk '{ sum += $2 } END { print sum + 0 }' "$TALLY"
}

for part in "$@"; do
	goal=${part%%:*}
	flavour=${part#"$goal"}
	flavour=${flavour#:}
	echo "== $goal${flavour:+ ($flavour)}"
	before=$(failures)
	# shellcheck disable=SC2086 # a command with its options
	if ! ${SUBMAKE:-make} ${flavour:+"FLAVOUR=$flavour"} "$goal" &&
		[ "$(failures)" -eq "$before" ]; then
		echo "$goal: failed"
		echo 0 1 >>"$TALLY"
	fi
done

awk '{ passed += $1; failed += $2 }
	END {
		if (passed == 0 && failed == 0)
			failed = 1
		printf "%d passed, %d failed\n", passed, failed
		exit failed != 0
	}' "$TALLY"
