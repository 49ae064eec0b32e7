#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tally.sh NAME PASSED FAILED: how a part of the checks ended, said to the reader and, by the
# file $TALLY, to check.sh. Fails if anything failed, or if nothing was tested at all.
set -eu

name=$1 passed=$2 failed=$3
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
	echo "$name: there was nothing to run"
	failed=1
fi
echo "$name: $passed passed, $failed failed"
if [ -n "${TALLY-}" ]; then
	echo "$passed $failed" >>"$TALLY"
fi
[ "$failed" -eq 0 ]
