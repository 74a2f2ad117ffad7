#!/bin/bash
# Checks real servers, each in a lab of its own. Ends with "N passed, N failed, N skipped"; exits 0 only when none failed and,
# as all that is needed was installed before, none was skipped.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/suite.sh
for script in tests/peers/*_test.sh; do
  run "peer-$(basename "$script" _test.sh)" bash "$script"
done
conclude && [ "$skipped" -eq 0 ]
