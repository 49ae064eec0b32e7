#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# setup.sh [--missing] GROUP...: install the Debian packages of these groups (see `packages`)
# that are not there. With --missing it only says which ones those are.
set -eu

list=$(dirname "$0")/packages
act=install
if [ "$1" = --missing ]; then
	act=say
	shift
fi

wanted=$(awk -v groups=" $* " 'NF == 2 && index(groups, " " $1 " ") { print $2 }' "$list" |
	sort -u)

if ! command -v dpkg-query >/dev/null; then
	echo "set-up knows only Debian's packages; there, these are needed:"
	echo "$wanted" | tr '\n' ' '
	echo
	exit 0
fi

missing=
for package in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
	case " $state" in
	*' installed '*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

command="apt-get install --no-install-recommends -y$missing"
if [ "$act" = say ]; then
	echo "missing Debian packages:$missing"
	echo "install them with: $command"
	exit 0
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "missing Debian packages:$missing"
		echo "run this as root, then try again: $command"
		exit 1
	fi
	sudo=sudo
fi

echo "installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
{
	$sudo apt-get -q update
	$sudo $command
} || {
	echo "could not install them; run this as root, then try again: $command"
	exit 1
}
