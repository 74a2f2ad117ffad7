#!/bin/sh
# Makes the group that may use the control socket and one unprivileged user for each child process of hcd, for scripts, and for hcmetrics.
set -eu
getent group hcd >/dev/null || groupadd --system hcd
for role in hce pfe names script metrics; do
  getent passwd "_hcd-$role" >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "_hcd-$role"
done
