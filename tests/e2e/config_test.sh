#!/bin/bash
# hcd -n: what is good is printed and reads back the same, what is bad tells all its errors. Needs neither root nor a lab.
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=$scratch/out err=$scratch/err

# hcd_n [OPTIONS]: hcd -n as nobody; its two outputs, and its exit status as the function's
hcd_n() {
  local as=()
  [ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  timeout 20 "${as[@]}" "$BIN/hcd" -n "$@" >"$out" 2>"$err"
}
chmod 755 "$scratch"

step "good files"
for name in talk backup templates include crlf empty; do
  hcd_n -f tests/conf/good/$name.conf || fail "$name: $(cat "$err")"
  expect "$name: the last line" "$(tail -n 1 "$err")" "configuration OK"
  expect "$name: nothing is printed without -v" "$(cat "$out")" ""
done

step "-v prints what is read back the same"
for name in talk backup templates include crlf empty; do
  hcd_n -v -f tests/conf/good/$name.conf || fail "$name: $(cat "$err")"
  cp "$out" "$scratch/printed.conf"
  expect "$name: as expected" "$(cat "$out")" "$(cat tests/conf/good/$name.print)"
  hcd_n -v -f "$scratch/printed.conf" || fail "$name printed: $(cat "$err")"
  expect "$name: printed again" "$(cat "$out")" "$(cat "$scratch/printed.conf")"
done

step "-D wins over the file"
hcd_n -v -D public_addr=192.0.2.7 -f tests/conf/good/talk.conf
expect_match "the virtual host" "$(cat "$out")" "virtual host 192\.0\.2\.7 port 80 interface trunk0"
hcd_n -D 1-2=3 -f tests/conf/good/talk.conf && fail "-D 1-2=3 was taken"
expect_match "a bad name" "$(cat "$err")" "'1-2=3' is not name=value"

step "bad files: every error at its place, in the order of the file, and status 1"
for name in cycle global later lexical many service timing unclosed unused; do
  hcd_n -f tests/conf/bad/$name.conf
  expect "$name: the exit status" $? 1
  expect "$name: the errors" "$(sed "s|$PWD/||g" "$err")" "$(cat tests/conf/bad/$name.errors)"
done

step "names that need the system"
printf 'table t {\n\tcheck tcp\n\thost localhost\n\thost no..name\n\treal port nosuch\n}\n' >"$scratch/names.conf"
hcd_n -f "$scratch/names.conf"
expect "the exit status" $? 1
expect_match "a host" "$(cat "$err")" "names\.conf:4:7: 'no\.\.name' is neither an IP address nor a DNS name"
expect_match "a port" "$(cat "$err")" "names\.conf:5:12: port 'nosuch' is neither a number nor a name of services\(5\)"
expect "no other error" "$(grep -c 'names\.conf:' "$err")" 2

step "files that are none"
for path in /dev/zero tests/conf "$scratch/absent.conf"; do
  hcd_n -f "$path"
  expect "$path: the exit status" $? 1
  expect_match "$path: the sentence" "$(cat "$err")" "$path: (not a regular file|cannot open: No such file)"
done
