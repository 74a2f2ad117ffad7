#!/bin/bash
# The manual pages are as mandoc wants them, and hcctl's names every word of its language and every option.
set -u
cd "$(dirname "$0")/../.." || exit 1
fail() { echo "FAILED: $*" >&2; exit 1; }
bin=${BIN:-bin}
page=tools/dist/man/hcctl.8

for file in tools/dist/man/*.[0-9]; do
  said=$(mandoc -T lint -W warning "$file") || fail "$file: $said"
done

text=$(mandoc -T ascii $page | col -b)
grammar=$("$bin/hcctl" --grammar)
[ "$(wc -l <<<"$grammar")" -gt 50 ] || fail "hcctl prints no grammar: $grammar"
while IFS=$'\t' read -r place word _; do
  case $place$word in
    -*) grep -qE -- "(^|[^A-Za-z-])${word%% *}([^A-Za-z-]|$)" <<<"$text" || fail "$page does not name the option ${word%% *}" ;;
    *'<'*) ;;
    *) grep -qwF -- "$word" <<<"$text" || fail "$page does not name \"$word\" (at $place)" ;;
  esac
done <<<"$grammar"
