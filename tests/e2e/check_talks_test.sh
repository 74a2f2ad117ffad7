#!/bin/bash
# The checks that converse in a server's own protocol, against servers of bad manners: those that never answer, drop, reset,
# drip, flood, talk garbage, or break off where TLS was agreed to begin. Each gives its reason within its time, and a healthy
# host that is checked beside them is never late or down.
. "$(dirname "$0")/hostile.sh"
readonly KINDS=(redis smtp mysql postgres ldap dns grpc) SECURED=(smtp-tls mysql-tls postgres-tls ldap-tls)
readonly MANNERS=(pieces tarpit reset amid silent_end drip endless garbage) CUTS=(cut leave babble)
declare -A PORT CHECK=([redis]=redis [smtp]=smtp [mysql]=mysql [postgres]=postgres [ldap]=ldap [grpc]=grpc
  [dns]='dns www.example.org type A tcp' [dns-udp]='dns www.example.org' [smtp-tls]='smtp starttls' [mysql-tls]='mysql tls'
  [postgres-tls]='postgres tls' [ldap-tls]='ldap starttls')
next=6100
specs=()
listener() { # listener MANNER PROTOCOL
  PORT[$1:$2]=$((next += 1))
  specs+=("$next=$1:$2")
}
for kind in "${KINDS[@]}"; do for manner in "${MANNERS[@]}"; do listener "$manner" "$kind"; done; done
for kind in "${SECURED[@]}"; do for manner in "${CUTS[@]}" tarpit; do listener "$manner" "$kind"; done; done
for manner in tarpit garbage wrong amid; do listener $manner dns-udp; done
hostile_up "${specs[@]}"

for kind in "${KINDS[@]}"; do good "${PORT[pieces:$kind]}" "${CHECK[$kind]}"; done
meets() { bad "$3" "${PORT[$1:$2]}" "${CHECK[$2]}"; } # meets MANNER PROTOCOL REASON
for kind in "${KINDS[@]}"; do
  bad "tcp connect timeout" "$HALF_OPEN" "${CHECK[$kind]}"
  bad "tcp connect failed \(ECONNREFUSED\)" 6003 "${CHECK[$kind]}"
  meets tarpit "$kind" "tcp read timeout"
  meets reset "$kind" "tcp (connect|write|read) failed \((ECONNRESET|EPIPE)\)"
  meets amid "$kind" "tcp read failed \(ECONNRESET\)"
  meets silent_end "$kind" "$kind malformed \(truncated\)"
  meets drip "$kind" "tcp read timeout"
done
meets endless redis "redis malformed \(answer too long\)"
meets endless smtp "smtp malformed \(endless answer\)"
meets endless mysql "mysql malformed"
meets endless postgres "postgres malformed \(endless answer\)"
meets endless ldap "ldap malformed"
meets endless dns "dns malformed \(answer to another query\)"
meets endless grpc "grpc malformed \(endless answer\)"
for kind in redis smtp mysql postgres ldap dns; do meets garbage $kind "$kind malformed"; done
meets garbage grpc "grpc malformed \(not HTTP/2\)"
for kind in "${SECURED[@]}"; do
  meets cut "$kind" "tls connect failed \((ECONNRESET|EPIPE|closed)\)"
  meets leave "$kind" "tls connect failed \((ECONNRESET|EPIPE|closed)\)"
  meets babble "$kind" "tls connect error \(wrong version number\)"
  meets tarpit "$kind" "tcp read timeout"
done
bad "dns timeout" "$HALF_OPEN" "${CHECK[dns-udp]}"
bad "dns failed \(ECONNREFUSED\)" 6003 "${CHECK[dns-udp]}"
meets tarpit dns-udp "dns timeout"
meets garbage dns-udp "dns timeout \(only answers to other queries\)"
meets wrong dns-udp "dns timeout \(only answers to other queries\)"
meets amid dns-udp "dns malformed"
meet_hostile
hcd_stop
