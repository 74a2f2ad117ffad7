#!/bin/sh
# Installs the packages listed in the named files (default: the list beside this script) that are missing, and makes the
# daemon's users. Quiet when nothing is missing.
set -eu
here=$(dirname "$0")
missing=
for package in $(grep -hv '^#' "${@:-$here/packages}"); do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || { echo "missing:$missing; run 'make deps' as root" >&2; exit 1; }
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  # shellcheck disable=SC2086 # one word a package
  apt-get -qq install -y --no-install-recommends $missing >/dev/null
fi
[ "$(id -u)" != 0 ] || "$here/users.sh"
