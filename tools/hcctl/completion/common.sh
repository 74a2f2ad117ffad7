# shellcheck shell=bash
# The words are hcctl's own table of its language, put in here when it was built; the names of services, tables and hosts
# are asked of the daemon, which has a second to answer.
_hcctl_place() { # _hcctl_place WORD...: see the comment of the awk program
  { _hcctl_grammar; echo .; printf '%s\n' "$@"; } | awk "$(_hcctl_awk)"
}
_hcctl_grammar() {
  cat <<'GRAMMAR'
@GRAMMAR@
GRAMMAR
}
_hcctl_awk() {
  cat <<'AWK'
@AWK@
AWK
}
# The names of a kind; those that a shell could misunderstand are left out.
_hcctl_names() { # _hcctl_names PROGRAM SOCKET KIND
  case $3 in
    service) _hcctl_ask "$1" "$2" -o name show services ;;
    table) _hcctl_ask "$1" "$2" -o name show tables ;;
    host) _hcctl_ask "$1" "$2" -o table,name show hosts ;;
    hosts) _hcctl_names "$1" "$2" table; _hcctl_names "$1" "$2" host ;;
    any) _hcctl_names "$1" "$2" service; _hcctl_names "$1" "$2" hosts ;;
  esac
}
_hcctl_ask() { # _hcctl_ask PROGRAM SOCKET ARGUMENT...
  local program=$1 socket=$2
  shift 2
  if [ -n "$socket" ]; then set -- -s "$socket" "$@"; fi
  "$program" -t 1 -H "$@" 2>/dev/null </dev/null | tr '\t' / | grep -v '[^A-Za-z0-9._:/@-]'
}
_hcctl_columns() { # _hcctl_columns PROGRAM WORDS
  printf '%s\n' "$2" | xargs "$1" -o help 2>/dev/null | cut -d ' ' -f 1
}
