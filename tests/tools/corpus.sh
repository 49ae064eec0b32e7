#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# corpus.sh NAME PROGRAM...: give each fuzz target (linked with replay.c) the seeds of its
# corpus. A target without seeds fails.
set -u

name=$1
shift
tools=$(dirname "$0")

passed=0
failed=0
for program in "$@"; do
	target=${program##*/fuzz_}
	set -- tests/fuzz/corpus/"$target"/*
	if [ -f "$1" ] && "$program" "$@"; then
		printf '  ok %5d %s\n' $# "$target"
		passed=$((passed + 1))
	else
		echo "  FAILED   $target"
		failed=$((failed + 1))
	fi
done
"$tools/tally.sh" "$name" "$passed" "$failed"
