#!/bin/bash
# Every byte arrives and every checksum is right, whichever way into the kernel is taken: tc and XDP, IPv4 and IPv6, many
# transfers at once. The senders fill in their checksums, so the captures can tell a wrong one.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"

for mode in tc XDP; do
  FASTPATH=${mode,,} example_conf "virtual host $LAB_VIP6 port http interface $LAB_TRUNK"
  sed -i "s/    host \$webhost2/&\n    host $LAB_SRV1_6\n    host $LAB_SRV2_6/" "$CONF"
  hcd_start
  wait_status table webhosts "active (4 hosts up)"
  step "$mode"
  expect_match "how it attached" "$(grep "interface $LAB_TRUNK: " "$LOG" | tail -n 1)" "interface $LAB_TRUNK: $mode"
  capture_start "$LAB_RUN/client.$mode" client eth0 tcp port 80
  capture_start "$LAB_RUN/server.$mode" srv1 eth0 tcp port 80 and "(host $LAB_CLIENT4 or host $LAB_CLIENT6)"
  capture_start "$LAB_RUN/director.$mode" director "$LAB_TRUNK" tcp port 80
  pids=()
  for n in $(seq 8); do
    "${ENTER[@]}" client curl -s -m 30 -o "$LAB_RUN/got.$n" "$(vip "$([ $((n % 2)) = 0 ] && echo "$LAB_VIP4" || echo "[$LAB_VIP6]")" /1m)" &
    pids+=($!)
  done
  for n in $(seq 8); do
    wait "${pids[n - 1]}"
    expect "$mode: curl's exit status of transfer $n" $? 0
    expect "$mode: the digest of transfer $n" "$(sha256sum <"$LAB_RUN/got.$n")" "$(sha256sum <"$LAB_RUN/www/1m")"
  done
  for address in "$LAB_VIP4" "[$LAB_VIP6]"; do
    client curl -s -m 30 -T "$LAB_RUN/www/1m" -o /dev/null "$(vip "$address" /up)"
    expect "$mode: curl's exit status of an upload to $address" $? 0
  done
  capture_stop "$LAB_RUN/client.$mode"
  capture_stop "$LAB_RUN/director.$mode"
  capture_stop "$LAB_RUN/server.$mode"
  seen=$(packets "$LAB_RUN/director.$mode") # what XDP takes never reaches the director's own tcpdump
  case $mode in
    tc) [ "$seen" -gt 500 ] || fail "tc: the director's capture holds $seen packets only" ;;
    XDP) [ "$seen" -lt 20 ] || fail "XDP left $seen packets to tc" ;;
  esac
  for end in client server; do
    packets=$(packets "$LAB_RUN/$end.$mode")
    [ "$packets" -gt 500 ] || fail "$mode: the $end's capture holds $packets packets only"
    expect "$mode: packets with a wrong checksum among $packets at the $end" "$(bad_checksums "$LAB_RUN/$end.$mode")" 0
  done
  strangers=$(tcpdump -nr "$LAB_RUN/client.$mode" "not host $LAB_VIP4 and not host $LAB_VIP6" 2>/dev/null | wc -l)
  expect "$mode: packets at the client from or to another than the public address" "$strangers" 0
  hcd_stop
  hcd_unload
done

step "a capture with a wrong checksum would be noticed"
client python3 - "$LAB_RUN/wrong" <<'PY'
import struct, sys
ether = bytes.fromhex("020000000002" "020000000001" "0800")
ip = bytes.fromhex("450000280000400040060000" "c0000202" "c0000250")
total = sum(struct.unpack("!10H", ip)); total = (total & 0xffff) + (total >> 16)
ip = ip[:10] + struct.pack("!H", ~total & 0xffff) + ip[12:]
frame = ether + ip + bytes.fromhex("0400005000000001" "0000000050020400" "12340000")
open(sys.argv[1], "wb").write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
                              + struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
PY
expect "wrong checksums found" "$(bad_checksums "$LAB_RUN/wrong")" 1
