# shellcheck shell=bash
# What runs tests and counts them. A script exits 0 (passed), 77 (skipped: it printed why) or anything else (failed: its
# output is shown); each gets a line, and its output a file in $out.
passed=0 failed=0 skipped=0
out=build/test-output
mkdir -p "$out"

count() { # count STATUS NAME SECONDS LOG
  case $1 in
    0) passed=$((passed + 1)); echo "ok      $2 ($3 s)" ;;
    77) skipped=$((skipped + 1)); echo "skipped $2: $(tail -n 1 "$4")" ;;
    *) failed=$((failed + 1)); echo "FAILED  $2 ($3 s)"; tail -n 60 "$4" | sed 's/^/    /' ;;
  esac
}

run() { # run NAME COMMAND...
  local name=$1 start=$SECONDS status=0
  local log=$out/$name.log
  shift
  timeout -k 10 "${TEST_TIMEOUT:-300}" "$@" >"$log" 2>&1 || status=$?
  count "$status" "$name" $((SECONDS - start)) "$log"
}

conclude() { # the last line, and the status
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed -eq 0 ] && [ $passed -gt 0 ]
}
