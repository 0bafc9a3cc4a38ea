#compdef gdcli
# Completion of gdcli @VERSION@ for zsh: a file _gdcli in a folder of $fpath, or one that ~/.zshrc
# sources after compinit.
_gdcli_problems() {
  local -a found=(
@PROBLEMS@
  )
  _describe -t problems problem found
}

_gdcli_function() {
  _alternative "words:word:($*)" 'problems:problem:_gdcli_problems' \
    'files:file of a problem:_files -g "*.toml"'
}

_gdcli_data() {
  compset -P '*='
  _files
}

_gdcli_point() {
  if compset -P '*@'; then _files; else _message 'a point, or @FILE'; fi
}

_gdcli() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands=(
@COMMANDS@
  )
  _arguments -C -S @TOP@ '1:command:->command' '*::argument:->argument'
  case "$state" in
    command) _describe -t commands command commands ;;
    argument)
      case "$words[1]" in
@OPTIONS@
      esac ;;
  esac
}
if [ "$funcstack[1]" = _gdcli ]; then _gdcli "$@"; else compdef _gdcli gdcli; fi
