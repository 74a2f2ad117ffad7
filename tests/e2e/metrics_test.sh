#!/bin/bash
# Metrics, from the daemon where its configuration says so and from hcmetrics beside it: what is served, as whom, to whom, what
# a reload makes of it, and what is served while pfe or the daemon is gone. Every metric that the dashboard and the manual name
# is there.
. "$(dirname "$0")/lib.sh"
lab_up

# conf [LINE...]: lines of the top level before the example's
conf() { example_conf; printf '%s\n' "$@" | cat - "$CONF" >"$CONF.new" && mv "$CONF.new" "$CONF"; }
base=http://127.0.0.1:9967
scrape() { on director curl -sS -m 10 "$base${1:-/metrics}" "${@:2}"; } # scrape [PATH [OPTION...]]
page=$LAB_RUN/page
serves() { scrape "${@:2}" >"$page" 2>/dev/null && grep -qE "$1" "$page"; } # serves REGEX [PATH [OPTION...]]
deaf() { ! scrape >"$page" 2>&1 && grep -q 'Failed to connect' "$page"; }
reload_to() { conf "$@" && ctl reload >"$LAB_RUN/out" 2>&1; }

step "off unless configured; a reload begins it"
conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
deaf || fail "something is served: $(cat "$page")"
child_pid metrics >/dev/null && fail "the process is there"
reload_to 'metrics listen on 127.0.0.1 port 9967' || fail "reload: $(cat "$LAB_RUN/out")"
expect "what it says" "$(cat "$LAB_RUN/out")" "~ global: metrics
command succeeded"
wait_until 10 "it serves" serves '^hcd_up 1$'

step "what the daemon knows"
wait_until 15 "both hosts are up" serves "^hcd_table_hosts\{table=\"webhosts\",state=\"up\"\} 2$"
grep -q "^hcd_host_up{table=\"webhosts\",host=\"$LAB_SRV1_4\"} 1$" "$page" || fail "no host is up: $(cat "$page")"
answers 3 "$(vip)" >/dev/null || fail "the service does not answer"
wait_until 10 "connections are counted" serves '^hcd_service_connections_total\{service="www"\} [3-9]$'
wait_until 10 "bytes are counted" serves '^hcd_service_bytes_total\{service="www",direction="out"\} [1-9]'
ctl host disable "$LAB_SRV1_4" >/dev/null
wait_until 10 "a disabled host is seen" serves "^hcd_host_admin_enabled\{table=\"webhosts\",host=\"$LAB_SRV1_4\"\} 0$"
ctl host enable "$LAB_SRV1_4" >/dev/null
scrape /metrics?level=table >"$page"
! grep -q 'host="' "$page" || fail "by table there are hosts: $(cat "$page")"

serves '^hcd_host_check_duration_seconds_bucket\{table="webhosts",le="\+Inf"\} [1-9]' || fail "no check's duration: $(cat "$page")"

step "both formats"
expect_match "the type of the older one" "$(scrape /metrics -o /dev/null -w '%{content_type}')" '^text/plain; version=0.0.4'
accept='Accept: application/openmetrics-text; version=1.0.0'
expect_match "that of OpenMetrics" "$(scrape /metrics -H "$accept" -o /dev/null -w '%{content_type}')" '^application/openmetrics-text; version=1.0.0'
expect "how that ends" "$(scrape /metrics -H "$accept" | tail -n 1)" "# EOF"
expect "a line that is neither comment nor sample" "$(scrape | grep -vE '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+)$')" ""
for metric in $(grep -oE '\bhcd_[a-z_]+' tools/dist/grafana/hcd.json | sort -u); do
  serves "^${metric}[ {]" || fail "the dashboard shows $metric, which is not served"
done
for metric in $(grep -v '^#' "$page" | sed 's/[ {].*//' | sort -u); do
  grep -qw "$metric" tools/dist/man/hcmetrics.8 || fail "the manual does not name $metric"
done

step "no privileges, and nobody who asks wrongly is a bother"
child=$(child_pid metrics) || fail "no process metrics"
expect "the user" "$(stat -c %U "/proc/$child")" _hcd-metrics
expect "its capabilities" "$(awk '/^Cap(Eff|Prm|Bnd)/ { print $2 }' "/proc/$child/status" | sort -u)" 0000000000000000
expect "its seccomp and no_new_privs" "$(awk '/^(Seccomp|NoNewPrivs):/ { printf "%s ", $2 }' "/proc/$child/status")" "1 2 "
expect "what it sees of the file system" "$(find "/proc/$child/root/" -mindepth 1 | wc -l)" 0
expect "another page" "$(scrape /etc/passwd -o /dev/null -w '%{http_code}')" 404
expect "another query" "$(scrape '/metrics?level=x' -o /dev/null -w '%{http_code}')" 400
expect_match "a change" "$(scrape /metrics -X POST -d x -o /dev/null -w '%{http_code}')" '^(405|413|501)$'
expect_match "too long a header" "$(scrape /metrics -H "x: $(printf '%20000s' '' | tr ' ' x)" -o /dev/null -w '%{http_code}' 2>/dev/null)" '^(000|400|413|431)$'
on director python3 - <<'PYTHON'
import socket
many = []
for _ in range(600):  # more than it may have descriptors, each with half a request
    s = socket.socket()
    s.settimeout(5)
    try:
        s.connect(("127.0.0.1", 9967))
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost:")
    except OSError:
        break
    many.append(s)
assert len(many) > 200, len(many)
PYTHON
wait_until 30 "it serves again once they are gone" serves '^hcd_up 1$'
expect "the process" "$(child_pid metrics)" "$child"

step "an address that is none is refused with its line, one that cannot be had with its name; nothing changes"
reload_to 'metrics listen on 127.0.0.300 port 9967'
expect "the exit status" $? 1
expect_match "the error" "$(cat "$LAB_RUN/out")" "hcd\.conf:1:19: '127\.0\.0\.300' is not an IP address"
reload_to 'metrics listen on 192.0.2.77 port 9967'
expect "the exit status" $? 1
expect_match "the error" "$(cat "$LAB_RUN/out")" 'metrics: listen on 192\.0\.2\.77 port 9967: Cannot assign requested address'
wait_until 10 "the refusal is told" serves '^hcd_config_last_reload_successful 0$'
expect "the process" "$(child_pid metrics)" "$child"

step "a reload moves it, to another address at the same port too"
reload_to 'metrics listen on :: port 9967' || fail "reload: $(cat "$LAB_RUN/out")"
wait_until 10 "it serves, and that all is well" serves '^hcd_config_last_reload_successful 1$'
local_address=$(on director ip -6 -o address show dev "$LAB_TRUNK" scope link | awk '{ sub("/.*", "", $4); print $4 }')
expect_match "from an address of the link" "$(on director curl -sS -m 10 "http://[$local_address%$LAB_TRUNK]:9967/metrics")" '^hcd_up 1$'
reload_to 'metrics listen on 127.0.0.1 port 9968' || fail "reload: $(cat "$LAB_RUN/out")"
wait_until 10 "nobody listens at the former port" deaf
base=http://127.0.0.1:9968
wait_until 10 "it serves at the other" serves '^hcd_up 1$'

step "it is started again when it is killed, and finds pfe again when that is"
child=$(child_pid metrics)
kill -9 "$child"
wait_until 10 "there is another" reborn metrics "$child"
wait_until 10 "which serves" serves '^hcd_up 1$'
child=$(child_pid metrics) pfe=$(child_pid pfe)
kill -9 "$pfe"
wait_until 10 "there is another pfe" reborn pfe "$pfe"
wait_until 10 "which is asked" serves '^hcd_up 1$'
expect "the process" "$(child_pid metrics)" "$child"

step "a reload ends it"
reload_to || fail "reload: $(cat "$LAB_RUN/out")"
wait_until 10 "nobody listens" deaf
wait_until 10 "the process is gone" process_gone "$child"

step "hcmetrics beside the daemon, which goes and comes back"
"${ENTER[@]}" director "$BIN/hcmetrics" -l 127.0.0.1:9967 -s "${SOCKET%.sock}-ro.sock" >"$LAB_RUN/hcmetrics.log" 2>&1 &
exporter=$!
base=http://127.0.0.1:9967
wait_until 10 "it serves" serves '^hcd_up 1$'
expect "the user" "$(stat -c %U "/proc/$exporter")" _hcd-metrics
expect "its capabilities" "$(sed -nE 's/^CapEff:\s+0*([0-9a-f])$/\1/p' "/proc/$exporter/status")" 0
hcd_stop
wait_until 10 "it says so" serves '^hcd_up 0$'
hcd_start
wait_until 10 "it says so" serves '^hcd_up 1$'
kill $exporter
wait $exporter
expect "its exit status after SIGTERM" $? 0
expect "that of one that cannot listen" "$("$BIN/hcmetrics" -l 192.0.2.77:9967 >/dev/null 2>&1; echo $?)" 1
expect "that of a wrong command line" "$("$BIN/hcmetrics" >/dev/null 2>&1; echo $?)" 2
hcd_stop
