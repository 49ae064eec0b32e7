#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh FOLDER SECONDS PROGRAM...: let libFuzzer work on each target for SECONDS. New inputs
# are collected in FOLDER/corpus, those that break a target in FOLDER/crashes; the seeds are
# only read.
set -u

folder=$1
seconds=$2
shift 2
code=0
[ $# -ne 0 ] || {
	echo "there is no such fuzz target"
	exit 1
}
for program in "$@"; do
	target=${program##*/fuzz_}
	seeds=tests/fuzz/corpus/$target
	mkdir -p "$folder/corpus/$target" "$folder/crashes"
	echo "== $target, $seconds seconds"
	[ -d "$seeds" ] || seeds=
	"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="$folder/crashes/$target-" \
		"$folder/corpus/$target" ${seeds:+"$seeds"} || code=1
done
exit $code
