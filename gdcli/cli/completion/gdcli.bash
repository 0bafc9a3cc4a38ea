# Completion of gdcli @VERSION@ for bash 3.2 and later: a file that ~/.bashrc sources.
_gdcli_problems="@PROBLEMS@"

# The options of a command: with + they may be given again, a comma joins two names of one.
_gdcli_options() {
  case "$1" in
@OPTIONS@
  esac
}

# What is due after `COMMAND OPTION`, or as the argument of a command at a place.
_gdcli_due() {
  kind="" found=""
  case "$1" in
@DUE@
  esac
}

_gdcli() {
  local line="${COMP_LINE:0:COMP_POINT}" IFS=$' \t\n' word blank current command kind="" found=""
  local options="" given=" " after="" ended="" prefix="" keep="" quote=""
  local place=1 beside="" i typed=() offered=()
  COMPREPLY=()
  # readline cuts words at = : @ too; here a word ends at a blank
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    blank="${line%%[![:blank:]]*}"
    line="${line#"$blank"}"
    case "$line" in "$word"*) ;; *) word="$line" ;; esac
    line="${line#"$word"}"
    if [ -z "$blank" ] && [ ${#typed[@]} -gt 0 ]; then
      typed[${#typed[@]}-1]+="$word"
    else
      typed+=("$word")
    fi
  done
  current="${typed[${#typed[@]}-1]}"
  command="${typed[1]}"
  # what readline keeps of the word: up to the last sign at which it cuts, but @ goes with the rest
  blank="${COMP_WORDBREAKS//[[:space:]]/}"
  keep="${current%"${current##*[$blank]}"}"
  keep="${keep%@}" keep="${keep//\\/}" current="${current//\\/}"
  case "$current" in [\"\']*) quote="${current:0:1}" current="${current#?}" keep="" ;; esac

  for ((i = 2; i < ${#typed[@]} - 1; i++)); do
    word="${typed[i]}" beside=""
    if [ -n "$after" ]; then
      after=""
    elif [ -n "$ended" ]; then
      place=$((place + 1))
    else
      case "$word" in
        --) ended=yes ;;
        --[a-zA-Z]*=*) given="$given${word%%=*} " ;;
        --[a-zA-Z]* | -[hoqV])
          given="$given$word "
          _gdcli_due "$command $word"
          case "$kind" in "") ;; attached) beside="$found" ;; *) after="$word" ;; esac ;;
        *) place=$((place + 1)) ;;
      esac
    fi
  done
  if [ ${#typed[@]} -le 2 ]; then
    kind=words found="@COMMANDS@"
    case "$current" in -*) found="@TOP@" ;; esac
  elif [ -n "$after" ]; then
    _gdcli_due "$command $after"
  else
    case "$ended$current" in
      --[a-zA-Z]*=*)
        prefix="${current%%=*}="
        _gdcli_due "$command ${current%%=*}"
        kind="${kind/attached/words}" ;;
      -*) kind=options ;;
      *)
        _gdcli_due "$command $place"
        kind="${kind:-${ended:-options}}" found="$beside $found" ;;
    esac
  fi

  case "$kind" in
    words) offered=($found) ;;
    problem) offered=($found $_gdcli_problems) ;;
    options)
      _gdcli_options "$command"
      for word in $options; do
        case "$given" in *" ${word%,*} "* | *" ${word#*,} "*) continue ;; esac
        word="${word/,/ }"
        offered+=(${word%+})
      done ;;
    data) case "${current#"$prefix"}" in *=*) prefix="${current%=*}=" ;; esac ;;
    point) case "$current" in *@*) prefix="${current%@*}@" ;; *) return ;; esac ;;
  esac
  case "$kind" in
    file | data | point | problem)
      # readline knows quotes and folders where all of what it replaces is the name of a file
      [ "$prefix" = "$keep" ] && compopt -o filenames 2>/dev/null && quote=readline
      while IFS= read -r word; do
        [ "$kind" != problem ] || [ -d "$word" ] || [ "$word" != "${word%.toml}" ] || continue
        if [ "$quote" != readline ]; then
          [ -d "$word" ] && word="$word/" && compopt -o nospace 2>/dev/null
          [ -n "$quote" ] || word="${word// /\\ }"
        fi
        offered+=("$word")
      done < <(compgen -f -- "${current#"$prefix"}") ;;
  esac
  for word in "${offered[@]}"; do
    word="$prefix$word"
    case "${word//\\/}" in "$current"*) COMPREPLY+=("${word#"$keep"}") ;; esac
  done
}
complete -F _gdcli gdcli
