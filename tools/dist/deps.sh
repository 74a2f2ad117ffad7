#!/bin/sh
# Installs the packages listed in the named files (default: the list beside this script) that are missing, and makes the
# daemon's users. Quiet when nothing is missing. No daemon that a package brings is started by its installation.
set -eu
here=$(dirname "$0")
policy=/usr/sbin/policy-rc.d # asked before a package starts its service: 101 says no
kept=$policy.before-hcd

ours() { grep -qs "by hcd's deps.sh" $policy; }
deny_starts() {
  trap allow_starts EXIT
  trap 'exit 1' HUP INT TERM
  ours || [ ! -e $policy ] || mv $policy $kept
  printf "#!/bin/sh\n# put here by hcd's deps.sh while it installs\nexit 101\n" >$policy
  chmod 755 $policy
}
allow_starts() {
  ! ours || rm $policy
  [ -e $policy ] || [ ! -e $kept ] || mv $kept $policy
}

missing=
for package in $(grep -hv '^#' "${@:-$here/packages}"); do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || { echo "missing:$missing; run 'make deps' as root" >&2; exit 1; }
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  deny_starts
  apt-get -qq update
  # shellcheck disable=SC2086 # one word a package
  apt-get -qq install -y --no-install-recommends $missing >/dev/null
fi
[ "$(id -u)" != 0 ] || "$here/users.sh"
