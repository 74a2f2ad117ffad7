#!/bin/sh
# make.sh HCCTL bash|zsh: prints the completion for that shell, with the words of that hcctl in it.
set -eu
here=$(dirname "$0")
grammar=$(mktemp)
trap 'rm -f "$grammar"' EXIT
"$1" --grammar >"$grammar"
awk -v here="$here" -v grammar="$grammar" '
  BEGIN { file["@COMMON@"] = here "/common.sh"; file["@AWK@"] = here "/place.awk"; file["@GRAMMAR@"] = grammar }
  { emit($0) }
  function emit(text,   line, from) {
    from = file[text]
    if (from == "") { if (text !~ /^ *# shellcheck/) print text; return }
    while ((getline line <from) > 0) emit(line)
    close(from)
  }' "$here/hcctl.$2"
