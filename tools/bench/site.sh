# shellcheck shell=bash disable=SC2034
# What the benchmarks share that look at a daemon with many hosts: a network namespace in which a server answers at port 8080 of
# every address, hcd there, and HAProxy beside it with as many servers. Sourced with the number of hosts; whatever it starts ends
# with the script. It sets bin, run (a directory), ns and hcd (the daemon's process).
site=$(basename "$0")
hosts=$1
bin=$PWD/${BIN:-bin}
run=$(mktemp -d)
ns=${site%.sh}$$
hcd=
pids=()
[ "$(id -u)" = 0 ] || { echo "$site: needs root" >&2; exit 1; }
tools/dist/deps.sh tools/dist/packages.bench

site_down() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait || true
  [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
  rm -rf "$run"
}
trap site_down EXIT
trap 'exit 130' INT TERM

ulimit -n 131072 2>/dev/null || ulimit -n "$(ulimit -Hn)"
ip netns add "$ns"
ip -n "$ns" link set lo up
inside=(nsenter "--net=/run/netns/$ns")
"${inside[@]}" sysctl -qw net.ipv4.ip_local_port_range="1024 65535" net.core.somaxconn=65535
mkfifo "$run/in"
"${inside[@]}" "$bin/target" 8080 <"$run/in" >/dev/null &
pids+=($!)
exec 7>"$run/in"

# site_hcd INTERVAL PORT READY...: tables of 100 hosts, every other of which is checked at that port; until READY succeeds
site_hcd() {
  awk -v hosts="$hosts" -v interval="$1" -v port="$2" 'BEGIN {
    print "interval " interval "\ntimeout 900\nfastpath none"
    for (i = 0; i < hosts; i++) {
      if (i % 100 == 0) {
        if (i > 0) print "}"
        printf "table t%d {\n  real port %d\n  check tcp\n", i / 100, i % 200 == 0 ? 8080 : port
        services = services sprintf("service s%d {\n  virtual host 192.0.2.1 port %d\n  table t%d\n}\n", i / 100, 1000 + i / 100, i / 100)
      }
      printf "  host 127.1.%d.%d\n", i / 250, i % 250 + 1
    }
    print "}\n" services
  }' >"$run/hcd.conf"
  "${inside[@]}" "$bin/hcd" -d -f "$run/hcd.conf" -s "$run/hcd.sock" -p "/sys/fs/bpf/$ns" -C "$run/empty" -S "$run/state" >"$run/hcd.log" 2>&1 &
  hcd=$!
  pids+=("$hcd")
  shift 2
  for _ in $(seq 120); do
    sleep 0.5
    ! "$@" || return 0
  done
  tail "$run/hcd.log" >&2
  echo "$site: the hosts are not as they should be" >&2
  return 1
}

site_haproxy() { # its socket is $run/haproxy.sock
  awk -v hosts="$hosts" -v socket="$run/haproxy.sock" 'BEGIN {
    printf "global\n  stats socket %s level admin\ndefaults\n  mode tcp\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n", socket
    for (i = 0; i < hosts; i++) {
      if (i % 100 == 0) printf "backend t%d\n", i / 100
      printf "  server h%d 127.1.%d.%d:8080\n", i, i / 250, i % 250 + 1
    }
  }' >"$run/haproxy.conf"
  "${inside[@]}" haproxy -db -f "$run/haproxy.conf" >"$run/haproxy.log" 2>&1 &
  pids+=($!)
}
