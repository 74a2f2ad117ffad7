#!/bin/bash
# What bash and zsh make of a line that is completed, as they do it themselves; names come from a running daemon.
. "$(dirname "$0")/lib.sh"
lab_up
TABLES="table sorry_server {
    check tcp
    host $LAB_SRV3_4
}" example_conf "backup table sorry_server"
hcd_start

export PATH=$BIN:$PATH
typed() { # typed SHELL LINE KEYS: the line after it
  local setup="source $BIN/completion/hcctl.bash"
  [ "$1" = bash ] || setup="autoload -Uz compinit; compinit -u -D; source $BIN/completion/hcctl.zsh 2>/dev/null; compdef _hcctl hcctl"
  python3 tests/e2e/shell_line.py "$1" "$setup" "$2" "$3"
}
all() { typed bash "$1" '\x1b*'; } # every possibility, in the place of the word
for shell in bash zsh; do
  step "$shell: one possibility"
  expect "a word" "$(typed $shell "hcctl sh" '\t')" "hcctl show"
  expect "after a shortened word" "$(typed $shell "hcctl -jt5 ho dis" '\t')" "hcctl -jt5 ho disable"
  expect "the name of a table" "$(typed $shell "hcctl -s $SOCKET table enable web" '\t')" "hcctl -s $SOCKET table enable webhosts"
  expect "one with a colon" "$(typed $shell "hcctl -s $SOCKET table disable sorry_server:8" '\t')" "hcctl -s $SOCKET table disable sorry_server:80"
  expect "the second of two hosts" "$(typed $shell "hcctl -s$SOCKET host drain $LAB_SRV1_4 sorry" '\t')" "hcctl -s$SOCKET host drain $LAB_SRV1_4 sorry_server:80/$LAB_SRV3_4"
  expect "a file" "$(typed $shell "hcctl load $LAB_RUN/hcd.con" '\t')" "hcctl load $LAB_RUN/hcd.conf"
  expect "a column" "$(typed $shell "hcctl show hosts -o availab" '\t')" "hcctl show hosts -o availability"
done

step "bash: every possibility"
words=$("$BIN/hcctl" --grammar | awk -F'\t' '$1 == "/" { printf " %s", $2 }')
expect "the first words" "$(all "hcctl ")" "hcctl$words"
expect "those of a place" "$(all "hcctl service ")" "hcctl service disable enable"
options=$("$BIN/hcctl" --grammar | awk -F'\t' '$1 == "-" { split($2, part, " "); print part[1] }' | LC_ALL=C sort | tr '\n' ' ')
expect "the options" "$(all "hcctl show -" | tr ' ' '\n' | grep '^-' | LC_ALL=C sort | tr '\n' ' ')" "$options"
expect "tables and hosts" "$(all "hcctl -s $SOCKET check now webh" | tr ' ' '\n' | grep webhosts | sort | tr '\n' ' ')" \
  "webhosts webhosts/$LAB_SRV1_4 webhosts/$LAB_SRV2_4 "

step "what nothing is known of is left as it is"
expect "too many words" "$(all "hcctl show hosts ")" "hcctl show hosts"
expect "names without a daemon" "$(all "hcctl -s $LAB_RUN/none host enable x")" "hcctl -s $LAB_RUN/none host enable x"
hcd_stop
