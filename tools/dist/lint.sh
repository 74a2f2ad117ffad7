#!/bin/bash
# What a reader would otherwise have to say in a review: format, layering, and clang-tidy over the changed or all sources.
#   tools/dist/lint.sh [FILE...]     all sources when none is named
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
mapfile -t files < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else git ls-files '*.cc' '*.h' '*.c'; fi)

clang-format-19 --dry-run --Werror "${files[@]}" || status=1
tools/dist/layering.sh || status=1
mapfile -t units < <(printf '%s\n' "${files[@]}" | grep -E '^(fastpath|hcd|ui|tools)/.*\.cc$')
if [ ${#units[@]} -gt 0 ]; then
  printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 sh -c '
    clang-tidy-19 --quiet "$@" -- -std=c++23 -D_GNU_SOURCE -DHCD_VERSION=\"lint\" -I. -isystem build/release/skel 2>/dev/null' sh || status=1
fi
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
if command -v shellcheck >/dev/null; then shellcheck -S warning "${shell[@]}" || status=1; fi
exit $status
