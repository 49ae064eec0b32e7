#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# valgrind.sh FOLDER TEST...: run the unit tests, and the program itself in a few ways, under
# valgrind. An error that it sees, a definite leak too, and an exit code other than the
# expected one are failures.
set -u

folder=$1
shift
tools=$(dirname "$0")
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
under="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
	--errors-for-leak-kinds=definite --track-fds=no"

UNDER=$under "$tools/unit.sh" 'unit, valgrind' "$@"
code=$?

umask 077
cat >"$home/one.ini" <<INI
host = 127.0.0.1
port = 1
tls = none
queue = never
log = none
from = me@example.com
INI
printf 'To: you@example.net\nBcc: him@example.net\nSubject: hello\n\nA line.\n' >"$home/mail"

passed=0
failed=0
# run EXIT-CODE ARGUMENT...
run() {
	expected=$1
	shift
	# shellcheck disable=SC2086 # a command with its options
	HOME=$home $under "$folder/postrider" "$@" <"$home/mail" >"$home/log" 2>&1
	got=$?
	if [ "$got" -eq "$expected" ]; then
		echo "  ok       postrider $*"
		passed=$((passed + 1))
	else
		cat "$home/log"
		echo "  FAILED   postrider $*: exit $got, not $expected"
		failed=$((failed + 1))
	fi
}

run 0 --version
run 0 --help
run 64 --no-such-option
run 78 -C "$home/missing.ini" you@example.net
run 0 -C "$home/one.ini" --show-config
run 0 -C "$home/one.ini" --show-config --json
run 0 -C "$home/one.ini" --dry-run -t
run 75 -C "$home/one.ini" -v -t
run 65 -C "$home/one.ini" "$(printf 'a\nb@example.net')"
"$tools/tally.sh" 'runs, valgrind' "$passed" "$failed" && exit "$code"
