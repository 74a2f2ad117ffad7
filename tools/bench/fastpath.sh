#!/bin/bash
# fastpath.sh OUT.tsv: what a packet costs on its way through hcd, and through the kernel's own ways, in one lab in one run.
#
# The client's side injects packets at full speed: live frames, as a NIC's driver hands them over, and socket buffers, as
# bridges, veth and local senders do. One CPU does it all, so CPU time is the cost of the whole way; from it the generator's
# own cost is taken away, measured with the same packets dropped as they reach the director. Contenders take turns in every
# round, figures are medians, and whoever delivers less than was sent is marked and fails the run. Then large segments: a
# download of gigabytes through tc, with the CPU time of the whole machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: fastpath.sh OUT.tsv}
rounds=${ROUNDS:-5}
bin=${BIN:-bin}
readonly BULK_GB=4
hclab=tools/hclab/hclab.sh
lab=bench$$
raw=$(mktemp) bulk=$(mktemp)
hcd_pid=
next_flow=1000000 # new flows are new throughout the run
[ "$(id -u)" = 0 ] || { echo "fastpath.sh: needs root" >&2; exit 1; }

clean_up() {
  [ -z "$hcd_pid" ] || kill "$hcd_pid" 2>/dev/null || true
  $hclab down -p "$lab"
  rm -f "$raw" "$bulk"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

$hclab up -p "$lab" >/dev/null
eval "$($hclab env -p "$lab")"
enter=("$hclab" enter -p "$lab") # an array: in the background, $! is then the command itself
director() { "${enter[@]}" director "$@"; }
ip -n "$LAB_DIRECTOR" route add 198.18.0.0/15 via "$LAB_CLIENT4"
for address in "$LAB_SRV1_4" "$LAB_SRV2_4" "$LAB_SRV3_4" "$LAB_CLIENT4"; do director ping -q -c 1 -W 2 "$address" >/dev/null; done

# --- contenders: one line to set up, one to take down ---------------------------------------------------------------

gro() { # gro on|off NODE...: on makes a veth poll, as live frames need
  local state=$1 node interface
  shift
  for node in "$@"; do
    interface=eth0
    [ "$node" != director ] || interface=trunk0
    "${enter[@]}" "$node" ethtool -K $interface gro "$state"
  done
}

nft_balance() { # nft_balance SELECTOR
  director nft -f - <<RULES
table ip balance {
  chain spread {
    type nat hook prerouting priority dstnat
    ip daddr $LAB_VIP4 tcp dport 80 dnat to $1 mod 3 map { 0 : $LAB_SRV1_4, 1 : $LAB_SRV2_4, 2 : $LAB_SRV3_4 }
  }
}
RULES
}

hcd_start() { # hcd_start xdp|tc
  cat >"$LAB_RUN/bench.conf" <<CONF
interval 1
timeout 500
fastpath $1
table web {
  real port 80
  check tcp
  host $LAB_SRV1_4
  host $LAB_SRV2_4
  host $LAB_SRV3_4
}
service bench {
  virtual host $LAB_VIP4 port 80 interface $LAB_TRUNK
  table web
}
CONF
  "${enter[@]}" director "$PWD/$bin/hcd" -d -f "$LAB_RUN/bench.conf" -s "$LAB_RUN/hcd.sock" -p "$LAB_PINS" >"$LAB_RUN/hcd.log" 2>&1 &
  hcd_pid=$!
  for _ in $(seq 100); do
    ! "$bin/hcctl" -s "$LAB_RUN/hcd.sock" show summary 2>/dev/null | grep -q '3 hosts up' || return 0
    kill -0 $hcd_pid 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$LAB_RUN/hcd.log" >&2
  echo "fastpath.sh: hcd ($1) did not become active" >&2
  exit 1
}

hcd_stop() { # its programs stay attached until they are unloaded
  kill "$hcd_pid" || { tail -n 20 "$LAB_RUN/hcd.log" >&2; exit 1; }
  wait "$hcd_pid" || true
  hcd_pid=
  director "$PWD/$bin/hcd" -F -p "$LAB_PINS"
}

set_up() {
  case $1 in
    nft-numgen) nft_balance 'numgen inc' ;;
    nft-jhash) nft_balance 'jhash ip saddr . tcp sport' ;;
    hcd-xdp) gro on client srv1 srv2 srv3; hcd_start xdp ;;
    hcd-tc) hcd_start tc ;;
  esac
}
take_down() {
  case $1 in
    nft-*) director nft delete table ip balance ;;
    hcd-xdp) hcd_stop; gro off client srv1 srv2 srv3 ;;
    hcd-tc) hcd_stop ;;
  esac
}

# --- measurements ---------------------------------------------------------------------------------------------------

# measure CONTENDER frames|buffers established|new [PACKETS]: adds a line to $raw
measure() {
  local options=(--lab "$lab" --packets "${4:-200000}" --first "$next_flow") to=$LAB_VIP4
  case $1 in
    generator) options+=(--sink) ;;
    redirect) options+=(--bounce); [ "$2" = buffers ] || options+=(--receive-frames) ;;
    hcd-xdp) options+=(--receive-frames) ;;
  esac
  case $1 in generator | redirect | forward) to=$LAB_SRV1_4 ;; esac
  [ "$2" = frames ] || options+=(--buffers)
  [ "$3" = established ] || options+=(--new)
  next_flow=$((next_flow + 400000))
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$("$bin/inject" --to "$to:80" "${options[@]}")" >>"$raw"
}

# download CONTENDER: one connection's gigabytes of large segments; adds seconds and the whole machine's seconds of CPU to $bulk
busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; } # hundredths of a second
download() {
  local to=$LAB_VIP4 before took
  [ "$1" != forward ] || to=$LAB_SRV1_4
  before=$(busy)
  took=$("${enter[@]}" client curl -sf -m 60 -o /dev/null -w '%{time_total}' "http://$to/bulk")
  printf '%s\t%s\t%s\n' "$1" "$took" $(($(busy) - before)) >>"$bulk"
}
truncate -s ${BULK_GB}G "$LAB_RUN/www/bulk"

contenders=(generator redirect forward nft-numgen nft-jhash hcd-xdp hcd-tc)
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  for contender in "${contenders[@]}"; do
    set_up "$contender"
    for source in frames buffers; do
      [ $source = buffers ] || gro on director
      measure "$contender" $source established
      [[ $contender = generator || $contender = redirect ]] || measure "$contender" $source new 100000
      [ $source = buffers ] || gro off director
    done
    case $contender in forward | nft-numgen | hcd-tc) download "$contender" ;; esac
    take_down "$contender"
  done
done

# --- the table ------------------------------------------------------------------------------------------------------

# ns a packet net of the generator; the ratio is of times, so that below 1 is better for us throughout.
awk -F'\t' -v OFS='\t' "$(cat tools/bench/median.awk)"'
  function net(who, how, kind) { return median(ns[who, how, kind]) - median(ns["generator", how, "established"]) }
  function row(how, kind, ours, peer, name,    a, b) {
    if (!((ours, how, kind) in ns)) return
    a = net(ours, how, kind); b = net(peer, how, kind)
    printf "%s, %s, %s%s\t%.0f\t%.0f\t%s\tns/packet\t%.2f\n", how, kind, title[ours], note(ours, how, kind) note(peer, how, kind), a, b, name, a / b
  }
  function rate(how, kind, ours, peer, name,    a, b) {
    if (!((ours, how, kind) in ns)) return
    a = 1e6 / median(ns[ours, how, kind]); b = 1e6 / median(ns[peer, how, kind])
    printf "%s, %s, %s, with the generator\t%.0f\t%.0f\t%s\tthousand %s/s\t%.2f\n", how, kind, title[ours], a, b, name,
      kind == "new" ? "connections" : "packets", b / a
  }
  function note(who, how, kind) {
    return lost[who, how, kind] ? sprintf(" (%s LOST %.2f%%)", who, 100 * lost[who, how, kind] / sent[who, how, kind]) : ""
  }
  { ns[$1, $2, $3] = ns[$1, $2, $3] " " $5; sent[$1, $2, $3] += $6; lost[$1, $2, $3] += $6 - $7 }
  END {
    split("frames buffers", sources, " "); split("established new", kinds, " "); split("hcd-xdp hcd-tc redirect", us, " ")
    title["hcd-xdp"] = "hcd XDP"; title["hcd-tc"] = "hcd tc"; title["redirect"] = "a bare redirect"
    name["nft-numgen"] = "nftables DNAT, numgen"; name["nft-jhash"] = "nftables DNAT, jhash"; name["forward"] = "plain forwarding"
    split("nft-numgen nft-jhash forward", them, " ")
    print "case", "ours", "peer", "peer name", "unit", "ratio"
    for (s = 1; s <= 2; s++) for (k = 1; k <= 2; k++) for (u = 1; u <= 3; u++) for (p = 1; p <= 3; p++)
      if (us[u] != "redirect" || p == 1) row(sources[s], kinds[k], us[u], them[p], name[them[p]])
    for (s = 1; s <= 2; s++) for (k = 1; k <= 2; k++) for (u = 1; u <= 2; u++)
      rate(sources[s], kinds[k], us[u], "nft-numgen", name["nft-numgen"])
    printf "generator alone: %.0f ns a frame, %.0f ns a socket buffer\n", median(ns["generator", "frames", "established"]),
      median(ns["generator", "buffers", "established"]) > "/dev/stderr"
  }' "$raw" >"$out"
awk -F'\t' -v OFS='\t' -v gigabytes=$BULK_GB "$(cat tools/bench/median.awk)"'
  { seconds[$1] = seconds[$1] " " $2; cpu[$1] = cpu[$1] " " $3 }
  function row(peer, name,    a, b) {
    a = 10 * median(cpu["hcd-tc"]) / gigabytes; b = 10 * median(cpu[peer]) / gigabytes
    printf "a download, hcd tc\t%.0f\t%.0f\t%s\tms CPU/GiB, both ends with it\t%.2f\n", a, b, name, a / b
    a = gigabytes * 8.59 / median(seconds["hcd-tc"]); b = gigabytes * 8.59 / median(seconds[peer])
    printf "a download, hcd tc\t%.1f\t%.1f\t%s\tGb/s\t%.2f\n", a, b, name, b / a
  }
  END { row("nft-numgen", "nftables DNAT, numgen"); row("forward", "plain forwarding") }' "$bulk" >>"$out"
"$bin/testrun" | awk -F'\t' -v OFS='\t' '{ print "program alone: " $1, $2, "-", "-", "ns/packet", "-" }' >>"$out"
column -t -s $'\t' "$out"

# --- the bars -------------------------------------------------------------------------------------------------------

awk -F'\t' '
  function bar(limit) { if ($6 > limit) { print "MISSED: " $1 ": ratio " $6 ", the bar is " limit; bad = 1 } else print "held: " $1 ": " $6 " <= " limit }
  $1 ~ /LOST/ { print "LOST: " $1; bad = 1 }
  $1 == "frames, established, hcd XDP" && $4 == "nftables DNAT, numgen" { bar(0.2) }
  $1 == "buffers, established, hcd tc" && $4 == "nftables DNAT, numgen" { bar(0.5) }
  $5 == "Gb/s" && $4 == "nftables DNAT, numgen" { bar(1) }
  END { exit bad }' "$out"
