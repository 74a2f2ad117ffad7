#!/bin/bash
# The house rules that a machine can hold: who may include whom, headers that stand on their own in name and guard, and the
# size of files. Prints every breach as file:line: rule; exits 1 when there is one.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
breach() { echo "$1: $2"; status=1; }

# allowed FOLDER: the prefixes of project headers that files in FOLDER may include, longest folder first
allowed() {
  case $1 in
    kmod/*) echo 'kmod/' ;;
    fastpath/base/*) echo 'fastpath/base/' ;;
    fastpath/bpf/*) echo 'fastpath/ kmod/' ;;
    fastpath/pf/*) echo 'fastpath/base/ fastpath/pf/ fastpath/pfconf/ fastpath/[a-z_]*.h$' ;;
    fastpath/pfconf/*) echo 'fastpath/base/ fastpath/pfconf/ fastpath/[a-z_]*.h$' ;;
    fastpath/memory/*) echo 'fastpath/base/ fastpath/memory/ fastpath/[a-z_]*.h$' ;;
    fastpath/*.*) echo 'fastpath/base/ fastpath/[a-z_]*.h$' ;;
    hcd/main.cc) echo 'hcd/ fastpath/' ;;
    hcd/ipc/* | hcd/event/* | hcd/tls/* | hcd/proc/*) echo 'hcd/ipc/ hcd/event/ hcd/tls/ hcd/proc/ fastpath/base/' ;;
    hcd/conf/*) echo 'hcd/conf/ hcd/ipc/ fastpath/base/ fastpath/[a-z_]*.h$' ;;
    hcd/ctl/*) echo 'hcd/ctl/ hcd/conf/ hcd/ipc/ hcd/event/ fastpath/base/' ;;
    hcd/parent/*) echo 'hcd/parent/ hcd/proc/ hcd/ipc/ hcd/event/ hcd/conf/ hcd/ctl/ hcd/tls/ fastpath/' ;;
    hcd/hce/*) echo 'hcd/hce/ hcd/proc/ hcd/ipc/ hcd/event/ hcd/conf/ hcd/tls/ fastpath/base/' ;;
    hcd/pfe/*) echo 'hcd/pfe/ hcd/proc/ hcd/ipc/ hcd/event/ hcd/conf/ hcd/ctl/ fastpath/' ;;
    hcd/pfctl/*) echo 'hcd/pfctl/ hcd/proc/ hcd/ipc/ hcd/event/ fastpath/' ;;
    hcd/metrics/*) echo 'hcd/metrics/ hcd/proc/ hcd/ipc/ hcd/event/ hcd/ctl/ fastpath/base/' ;;
    hcd/names/*) echo 'hcd/names/ hcd/ipc/ hcd/event/ hcd/conf/ fastpath/base/' ;;
    ui/*) echo 'ui/ hcd/ctl/ hcd/event/ fastpath/base/' ;;
    tools/*) echo 'tools/ hcd/metrics/ hcd/ctl/ hcd/conf/ hcd/ipc/ hcd/event/ fastpath/ kmod/' ;;
    tests/*) echo 'kmod/ fastpath/ hcd/ ui/ tools/ tests/' ;;
  esac
}

rooms=(); for room in kmod fastpath hcd ui tools tests; do [ -d $room ] && rooms+=("$room"); done
files=$(find "${rooms[@]}" -name "*.h" -o -name "*.cc" -o -name "*.c" | sort)
for file in $files; do
  rules=$(allowed "$file")
  [ -n "$rules" ] || { breach "$file" 'stands in no room'; continue; }
  while IFS=: read -r line text; do
    header=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$text")
    ok=
    for rule in $rules; do [[ $header =~ ^$rule ]] && ok=1; done
    [ -n "$ok" ] || breach "$file:$line" "may not include $header"
  done < <(grep -nE '^ *#include +"' "$file")
  lines=$(wc -l <"$file")
  [ "$lines" -le 400 ] || breach "$file" "has $lines lines, more than 400"
done
mapfile -t headers < <(find "${rooms[@]}" -name "*.h" -not -path "kmod/*")
for file in "${headers[@]}"; do
  grep -q '^#pragma once' "$file" || breach "$file" 'lacks #pragma once'
done
exit $status
