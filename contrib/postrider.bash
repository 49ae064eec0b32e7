# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of postrider's options for bash: source this file, or install it as
# bash-completion/completions/postrider. There is no list of options here, the program is asked.

# "--tls=|starttls, implicit, opportunistic or none" for each option, from --help.
_postrider_options()
{
	"$1" --help 2>/dev/null |
		sed -nE 's/^ +(--[a-z-]+)(\[?(=?)[^ ]*)?( +(.*))?$/\1\3|\5/p'
}

# The words of "any, 4 or 6"; nothing if the text is no such list.
_postrider_words()
{
	local list='^([a-z0-9.-]+, )*[a-z0-9.-]+ or [a-z0-9.-]+$'
	[[ ${1##*: } =~ $list ]] && tr -d , <<<"${1##*: }" | sed 's/ or / /'
}

_postrider()
{
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} option='' text
	COMPREPLY=()
	case $word in
	=) option=${COMP_WORDS[COMP_CWORD - 1]} word='' ;;
	*) [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]] && option=${COMP_WORDS[COMP_CWORD - 2]} ;;
	esac
	if [[ $option == --account || $option == --check || $option == --oauth-login || $3 == -a ]]; then
		text=$("$program" --show-config 2>/dev/null | sed -n 's/^\[account \(.*\)\]$/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "$text" -- "$word")
	elif [[ $option =~ ^--(flush|show|hold|release|remove)$ ]]; then
		text=$("$program" --list --json 2>/dev/null | sed -nE 's/^\{"id":"([0-9A-Z]+)".*/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "$text" -- "$word")
	elif [[ -n $option ]]; then
		text=$(_postrider_options "$program" | grep -- "^$option=|")
		text=$(_postrider_words "${text#*|}")
		if [[ -n $text ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$text" -- "$word")
		else
			compopt -o default 2>/dev/null
		fi
	elif [[ $word == -* ]]; then
		text=$(_postrider_options "$program" | cut -d '|' -f 1)
		mapfile -t COMPREPLY < <(compgen -W "$text" -- "$word")
		[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	else
		compopt -o default 2>/dev/null
	fi
}
complete -F _postrider postrider
