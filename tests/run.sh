#!/bin/bash
# Runs every suite: house rules, unit and packet tests (built with sanitizers), then each end-to-end test in tests/e2e in a
# lab of its own. Prints a line per test and ends with "N passed, N failed, N skipped"; exits 0 only when none failed.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/suite.sh

run layering tools/dist/layering.sh

# CppUTest's last line: "OK (N tests, N ran, ...)" or "Errors (N failures, N tests, ...)".
unit_log=$out/unit.log
build/asan/unit >"$unit_log" 2>&1
unit_status=$?
summary=$(grep -E '^(OK|Errors) \(' "$unit_log" | tail -n 1)
ran=$(sed -nE 's/.* ([0-9]+) ran.*/\1/p' <<<"$summary")
failures=$(sed -nE 's/^Errors \(([0-9]+) failures.*/\1/p' <<<"$summary")
ignored=$(sed -nE 's/.* ([0-9]+) ignored.*/\1/p' <<<"$summary")
if [ -z "$ran" ] || { [ $unit_status -ne 0 ] && [ -z "$failures" ]; }; then failures=$((${failures:-0} + 1)); fi
passed=$((passed + ${ran:-0} - ${failures:-0}))
failed=$((failed + ${failures:-0}))
skipped=$((skipped + ${ignored:-0}))
if [ "${failures:-0}" -ne 0 ]; then tail -n 80 "$unit_log"; fi
echo "unit tests: ${summary:-did not finish (status $unit_status)}"
grep -E '^[0-9]+ tests ignored: ' "$unit_log"

for script in tests/e2e/*_test.sh; do
  [ -e "$script" ] || continue
  run "$(basename "$script" _test.sh)" bash "$script"
done

conclude
