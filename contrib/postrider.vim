" SPDX-License-Identifier: GPL-3.0-or-later
" Colours for postrider.ini in vim. Copy it to ~/.vim/syntax/postrider.vim, and add to ~/.vimrc:
"   autocmd BufNewFile,BufRead postrider.ini,postrider.d/*.ini set filetype=postrider
if exists('b:current_syntax')
  finish
endif

syntax match postriderComment /^\s*[;#].*$/ contains=@Spell
syntax match postriderRest /\s\+[;#].*$/ contained contains=@Spell
syntax match postriderSection /^\s*\[account\s[^]]*\]/ nextgroup=postriderRest
syntax match postriderError /^\s*\[\(account\s\)\@![^]]*\]\?/
syntax match postriderKey /^\s*[A-Za-z0-9._-]\+\ze\s*[=:]/ nextgroup=postriderEquals skipwhite
syntax match postriderSecret /^\s*\(password\|oauth-client-secret\|oauth-refresh-token\)\ze\s*[=:]/ nextgroup=postriderEquals skipwhite
syntax match postriderEquals /[=:]/ contained nextgroup=postriderString,postriderValue skipwhite
syntax match postriderValue /[^"[:blank:]].\{-}\ze\(\s\+[;#]\|\s*$\)/ contained
      \ contains=postriderVariable nextgroup=postriderRest
syntax region postriderString start=/"/ skip=/\\["\\]/ end=/"/ oneline contained
      \ contains=postriderVariable nextgroup=postriderRest
syntax match postriderVariable /\${[A-Za-z_][A-Za-z0-9_]*\(:-[^}]*\)\?}/ contained

highlight default link postriderComment Comment
highlight default link postriderRest Comment
highlight default link postriderSection Special
highlight default link postriderError Error
highlight default link postriderKey Identifier
highlight default link postriderSecret WarningMsg
highlight default link postriderEquals Operator
highlight default link postriderValue Constant
highlight default link postriderString String
highlight default link postriderVariable PreProc

let b:current_syntax = 'postrider'
