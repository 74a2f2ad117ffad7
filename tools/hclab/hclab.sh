#!/bin/bash
# hclab: a load balancer's world on one machine, out of network namespaces. Demo, tests and benchmarks all run in it.
#
#   PREFIX-client --------- trunk0 PREFIX-director srv1 --------- PREFIX-srv1
#   192.0.2.2      ^        192.0.2.1, .80         srv2 ...       10.1.1.100, .101, ...
#                  with --router: the client is 203.0.113.2, behind PREFIX-router (203.0.113.1, 192.0.2.254)
#
# The links are veth pairs, point to point, born inside their namespaces: deleting the namespaces deletes them, and nothing
# ever appears in the machine's own. Everything else is under /run/hclab/PREFIX: a bpffs for pins (outside /sys, because
# `ip netns exec` remounts /sys), and a directory for each server's nginx. Names derive from the prefix alone, so a lab
# whose `up` was killed is found and removed by the next `up` or `down`.
set -euo pipefail
umask 022

readonly BASE=/run/hclab NETNS=/run/netns MAX_SERVERS=16
readonly VIP4=192.0.2.80 VIP6=2001:db8:80::80
prefix=lab servers=3 router='' mtu=1500 https=''

usage() {
  cat <<'USAGE'
usage: hclab up [-p PREFIX] [-n SERVERS] [-m MTU] [--router] [--https]
       hclab down [-p PREFIX]
       hclab status
       hclab enter [-p PREFIX] NODE [COMMAND...]
       hclab env [-p PREFIX]
       hclab server [-p PREFIX] start|stop|sick|well N
       hclab xdp-ready [-p PREFIX]

  up         build the lab: client, director, servers (3) running nginx; --router puts a router before the client
  down       remove it and everything that runs in it; harmless when there is none
  status     list the labs, their nodes and how many processes run in each
  enter      run a command (a shell) in a node: client, router, director, srv1, srv2, ...
  env        print addresses, namespaces, interfaces and directories as shell variables
  server     start or stop a server's nginx; a sick one answers /health with 503
  xdp-ready  whole checksums from the senders and XDP_PASS on the director's peers, as native XDP on veth needs

The lab's name is PREFIX (lab): small letters and digits, at most 24. nginx answers / (its name), /health and
/1m (a megabyte; /1m?rate=100k slowly) on port 80, with --https on 443 too.
USAGE
}

die() { echo "hclab: $*" >&2; exit 1; }
misuse() { [ $# -eq 0 ] || echo "hclab: $*" >&2; usage >&2; exit 2; }
node() { echo "$prefix-$1"; }
run_dir() { echo "$BASE/$prefix"; }
in_node() { local at=$1; shift; nsenter --net="$NETNS/$(node "$at")" -- "$@"; }
server4() { echo "10.1.1.$((99 + $1))"; }
server6() { echo "2001:db8:1::$((99 + $1))"; }
every_node() { # all names a lab of this prefix could have, whether or not they exist
  local n
  echo "client router director"
  for n in $(seq $MAX_SERVERS); do echo "srv$n"; done
}
nodes() { local n; for n in $(every_node); do [ ! -e "$NETNS/$(node "$n")" ] || echo "$n"; done; }

# A lab is changed under a lock that the commands it runs inherit: it is free only when the last of them is gone, so a
# killed `up` whose `ip` still works cannot be overtaken. nginx must not inherit it (9>&-).
lock() {
  local dir; dir=$(run_dir)
  while :; do
    mkdir -p "$dir" 2>/dev/null || continue # another lab's `down` may remove $BASE in between
    { exec 9>"$dir/lock"; } 2>/dev/null || continue
    flock -w "$1" 9 || die "lab $prefix is being changed by another hclab"
    [ ! /dev/fd/9 -ef "$dir/lock" ] || return 0 # else the holder before us removed the directory
  done
}

is_up() { [ -e "$(run_dir)/up" ]; }
need_up() { is_up || die "no lab named $prefix (hclab up -p $prefix)"; }

# --- down -------------------------------------------------------------------------------------------------------------

# The processes of the lab: those in its namespaces, and the nginx masters we recorded (while they are still those).
lab_pids() {
  local n pid
  for n in $(nodes); do
    [ ! "$NETNS/$(node "$n")" -ef /proc/self/ns/net ] || die "run this outside the lab"
    ip netns pids "$(node "$n")" 2>/dev/null || true
  done
  { cat "$(run_dir)"/srv*/nginx.pid 2>/dev/null || true; } | while read -r pid; do
    ! grep -qsF "$(run_dir)/" "/proc/$pid/cmdline" || echo "$pid"
  done
}

end_processes() {
  local signal pids
  for signal in TERM KILL; do
    pids=$(lab_pids)
    for _ in $(seq 40); do
      [ -n "$pids" ] || return 0
      # shellcheck disable=SC2086
      kill -$signal $pids 2>/dev/null || true
      sleep 0.05
      pids=$(lab_pids)
    done
  done
  die "lab $prefix: processes that do not end: $(echo "$pids" | tr '\n' ' ')"
}

remove() { # whatever is there of a lab, whole or half
  local n dir; dir=$(run_dir)
  end_processes
  for n in $(nodes); do
    ip netns delete "$(node "$n")" 2>/dev/null || {
      umount "$NETNS/$(node "$n")" 2>/dev/null || true
      rm -f "$NETNS/$(node "$n")"
    }
  done
  while mountpoint -q "$dir/bpf"; do umount "$dir/bpf" 2>/dev/null || umount -l "$dir/bpf"; done
  find "$dir" -mindepth 1 -not -name lock -delete 2>/dev/null || true
}

down() {
  [ -d "$(run_dir)" ] || [ -n "$(nodes)" ] || return 0
  lock 20
  remove
  rm -rf --one-file-system "$(run_dir)"
  rmdir "$BASE" 2>/dev/null || true
}

# --- up ---------------------------------------------------------------------------------------------------------------

link() { # link NODE_A IF_A NODE_B IF_B
  ip link add "$2" netns "$(node "$1")" mtu "$mtu" type veth peer name "$4" netns "$(node "$3")" mtu "$mtu"
}

# Duplicate address detection would hold every address back for a second; replies may leave by another way than they came.
make_node() {
  ip netns add "$(node "$1")"
  in_node "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
    net.ipv6.conf.default.accept_ra=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "${@:2}"
  ip -n "$(node "$1")" link set lo up
}

configure() { # configure NODE: ip(8) commands from standard input, one a line
  ip -n "$(node "$1")" -batch -
}

make_servers() {
  local n
  for n in $(seq "$servers"); do
    make_node "srv$n"
    link "srv$n" eth0 director "srv$n"
    configure "srv$n" <<BATCH
link set eth0 up
address add $(server4 "$n")/32 dev eth0
address add $(server6 "$n")/128 dev eth0 nodad
route add 10.1.1.1 dev eth0
route add default via 10.1.1.1
route add 2001:db8:1::1 dev eth0
route add default via 2001:db8:1::1
BATCH
    configure director <<BATCH
link set srv$n up
address add 10.1.1.1/32 dev srv$n
address add 2001:db8:1::1/128 dev srv$n nodad
route add $(server4 "$n") dev srv$n src 10.1.1.1
route add $(server6 "$n") dev srv$n src 2001:db8:1::1
BATCH
  done
}

make_client() {
  local client4=192.0.2.2/24 client6=2001:db8:80::2/64 gateway4=192.0.2.1 gateway6=2001:db8:80::1
  make_node client
  if [ -n "$router" ]; then
    client4=203.0.113.2/24 client6=2001:db8:113::2/64 gateway4=203.0.113.1 gateway6=2001:db8:113::1
    make_node router net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    link client eth0 router client
    link router director director trunk0
    configure router <<BATCH
link set client up
link set director up
address add $gateway4/24 dev client
address add $gateway6/64 dev client nodad
address add 192.0.2.254/24 dev director
address add 2001:db8:80::254/64 dev director nodad
BATCH
  else
    link client eth0 director trunk0
  fi
  configure director <<BATCH
link set trunk0 up
address add 192.0.2.1/24 dev trunk0
address add $VIP4/24 dev trunk0
address add 2001:db8:80::1/64 dev trunk0 nodad
address add $VIP6/64 dev trunk0 nodad
BATCH
  configure client <<BATCH
link set eth0 up
address add $client4 dev eth0
address add $client6 dev eth0 nodad
route add default via $gateway4
route add default via $gateway6
BATCH
  [ -z "$router" ] || configure director <<BATCH
route add default via 192.0.2.254
route add default via 2001:db8:80::254
BATCH
}

make_files() {
  local n dir; dir=$(run_dir)
  mkdir "$dir/bpf" "$dir/www"
  mount -t bpf bpf "$dir/bpf"
  head -c 1048576 /dev/urandom >"$dir/www/1m"
  [ -z "$https" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=www.example" \
    -addext "subjectAltName=DNS:www.example,IP:$VIP4,IP:$VIP6" -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
  for n in $(seq "$servers"); do
    mkdir "$dir/srv$n"
    nginx_conf "$n" >"$dir/srv$n/nginx.conf"
  done
}

nginx_conf() {
  local at; at=$(run_dir)/srv$1
  cat <<CONF
user www-data;
worker_processes 1;
pid $at/nginx.pid;
error_log $at/error.log warn;
events { worker_connections 4096; }
http {
  access_log $at/access.log;
  client_body_temp_path $at/body;  proxy_temp_path $at/proxy;  fastcgi_temp_path $at/fastcgi;
  uwsgi_temp_path $at/uwsgi;  scgi_temp_path $at/scgi;
  default_type application/octet-stream;
  server {
    listen 80 backlog=4096;
    listen [::]:80 backlog=4096;
$(if [ -n "$https" ]; then
    echo "    listen 443 ssl;  listen [::]:443 ssl;"
    echo "    ssl_certificate $(run_dir)/cert.pem;  ssl_certificate_key $(run_dir)/key.pem;"
  fi)
    root $(run_dir)/www;
    location = / { return 200 "srv$1\n"; }
    location = /health { if (-e $at/sick) { return 503 "sick\n"; } return 200 "ok\n"; }
    location = /1m { limit_rate \$arg_rate; }
  }
}
CONF
}

undo_up() {
  trap - EXIT
  echo "hclab: up failed, removing what was built" >&2
  remove
  rm -rf --one-file-system "$(run_dir)"
  exit 1
}

up() {
  [[ $servers =~ ^[0-9]{1,2}$ && $servers -ge 1 && $servers -le $MAX_SERVERS ]] || misuse "-n takes 1 to $MAX_SERVERS servers"
  [[ $mtu =~ ^[0-9]{4,5}$ && $mtu -ge 1280 && $mtu -le 65535 ]] || misuse "-m takes an MTU of 1280 to 65535"
  lock 20
  ! is_up || die "lab $prefix is up already (hclab down -p $prefix)"
  remove
  trap 'undo_up' EXIT
  trap 'exit 130' INT TERM
  make_node director net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=1
  make_client
  make_servers
  make_files
  local n
  for n in $(seq "$servers"); do server start "$n"; done
  print_env >"$(run_dir)/env"
  touch "$(run_dir)/up"
  trap - EXIT
  echo "lab $prefix is up: $(nodes | tr '\n' ' ')"
  echo "enter it with: hclab enter -p $prefix director"
}

# --- in a lab ---------------------------------------------------------------------------------------------------------

running() { grep -qs '^State:.[^Z]' "/proc/$1/status"; } # not merely unreaped

server() { # server start|stop|sick|well N
  local at pid; at=$(run_dir)/srv$2
  [ -d "$at" ] || die "lab $prefix has no server $2"
  case $1 in
    start) in_node "srv$2" nginx -p "$at" -c "$at/nginx.conf" 9>&- 2>>"$at/error.log" || die "srv$2: nginx did not start: see $at/error.log" ;;
    stop)
      pid=$(cat "$at/nginx.pid" 2>/dev/null) || return 0
      kill -TERM "$pid" 2>/dev/null || true
      for _ in $(seq 100); do running "$pid" || return 0; sleep 0.02; done
      die "srv$2: nginx (pid $pid) does not stop" ;;
    sick) touch "$at/sick" ;;
    well) rm -f "$at/sick" ;;
    *) misuse "server start, stop, sick or well" ;;
  esac
}

# Native XDP sees a veth's frames as they were sent: their checksums must be whole (tx off), and what it redirects is lost
# unless the peer polls, which XDP_PASS there makes it do. That also turns GRO on, which would un-finish checksums again.
xdp_ready() {
  local n i object; object=$(run_dir)/pass.o
  printf '__attribute__((section("xdp"), used)) int pass(void *frame) { return 2; }\n' |
    clang-19 -target bpf -O2 -x c -c - -o "$object" || die "xdp-ready needs clang-19"
  for n in $(nodes); do
    for i in $(interfaces "$n"); do
      in_node "$n" ethtool -K "$i" tx off >/dev/null
      [ "$n" != director ] || continue
      ip -n "$(node "$n")" link set "$i" xdpdrv obj "$object" sec xdp
      in_node "$n" ethtool -K "$i" gro off >/dev/null
    done
  done
}

interfaces() { ip -n "$(node "$1")" -o link show type veth | sed -E 's/^[0-9]+: ([^@:]+).*/\1/'; }

print_env() {
  local n
  cat <<VARS
LAB_PREFIX=$prefix
LAB_RUN=$(run_dir)
LAB_PINS=$(run_dir)/bpf
LAB_CLIENT=$(node client)
LAB_DIRECTOR=$(node director)
LAB_TRUNK=trunk0
LAB_VIP4=$VIP4
LAB_VIP6=$VIP6
LAB_DIRECTOR4=192.0.2.1
LAB_DIRECTOR6=2001:db8:80::1
LAB_CLIENT4=$([ -n "$router" ] && echo 203.0.113.2 || echo 192.0.2.2)
LAB_CLIENT6=$([ -n "$router" ] && echo 2001:db8:113::2 || echo 2001:db8:80::2)
LAB_SERVERS=$servers
VARS
  for n in $(seq "$servers"); do
    printf 'LAB_SRV%s=%s\nLAB_SRV%s_4=%s\nLAB_SRV%s_6=%s\n' "$n" "$(node "srv$n")" "$n" "$(server4 "$n")" "$n" "$(server6 "$n")"
  done
}

status() {
  local dir n found=''
  for dir in "$BASE"/*/; do
    [ -d "$dir" ] || continue
    found=1 prefix=$(basename "$dir")
    if is_up; then echo "lab $prefix: up"; else echo "lab $prefix: unfinished (hclab down -p $prefix)"; fi
    for n in $(nodes); do
      printf '  %-10s %3d processes  %s\n' "$n" "$(ip netns pids "$(node "$n")" 2>/dev/null | wc -l)" "$(addresses "$n")"
    done
  done
  [ -n "$found" ] || echo "no lab"
}

addresses() { ip -n "$(node "$1")" -o addr show scope global 2>/dev/null | awk '!seen[$4]++ {printf "%s ", $4}'; }

enter() { # enter NODE [COMMAND...]
  [ -e "$NETNS/$(node "$1")" ] || die "lab $prefix has no node $1 (it has: $(nodes | tr '\n' ' '))"
  local at=$1
  shift
  [ $# -gt 0 ] || set -- env PS1="$(node "$at")# " "${SHELL:-/bin/bash}" --norc
  exec nsenter --net="$NETNS/$(node "$at")" -- "$@"
}

main() {
  [ $# -gt 0 ] || misuse
  local command=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      -p) prefix=${2-}; shift 2 || misuse "-p takes a prefix" ;;
      -n) servers=${2-}; shift 2 || misuse "-n takes a number" ;;
      -m) mtu=${2-}; shift 2 || misuse "-m takes an MTU" ;;
      --router) router=1; shift ;;
      --https) https=1; shift ;;
      --) shift; break ;;
      -*) misuse "unknown option $1" ;;
      *) break ;;
    esac
  done
  [[ $prefix =~ ^[a-z0-9]{1,24}$ ]] || misuse "a prefix has 1 to 24 small letters and digits, not \"$prefix\""
  case $command in
    help | -h | --help) usage; return ;;
    up | down | status | env | xdp-ready) [ $# -eq 0 ] || misuse "$command takes no argument $1" ;;
    enter) [ $# -ge 1 ] || misuse "enter which node?" ;;
    server) [[ $# -eq 2 && $2 =~ ^[1-9][0-9]?$ ]] || misuse "server takes an action and a number" ;;
    *) misuse "unknown command $command" ;;
  esac
  [ "$(id -u)" = 0 ] || die "must be root: namespaces, interfaces and mounts need it"
  case $command in
    up | down | status) "$command" ;;
    enter) need_up; enter "$@" ;;
    env) need_up; cat "$(run_dir)/env" ;;
    server) need_up; server "$@" ;;
    xdp-ready) need_up; xdp_ready ;;
  esac
}

main "$@"
