/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * pf's view of a TCP connection without its sequence numbers (pf.conf(5), "sloppy"): two sides, each in one of the
 * states of enum hcd_tcp_state, moved by the flags alone. Both directions meet here, so each side's progress is known;
 * a forged RST shortens a state's life, it cannot redirect it.
 *
 * Every step only adds: a packet seen twice, by XDP and then by tc, changes nothing the second time. */
#ifndef HCD_TCP_H
#define HCD_TCP_H

#include "kmod/parse.h"

HCD_PURE_BEGIN

/* A state's value: last seen << 32 | host << 8 | client's state << 4 | server's state. */
HCD_INLINE __u64 hcd_value(__u32 seen, __u32 host, __u32 sides) {
  return (__u64)seen << 32 | host << 8 | sides;
}
HCD_INLINE __u32 hcd_value_seen(__u64 value) {
  return (__u32)(value >> 32);
}
HCD_INLINE __u32 hcd_value_host(__u64 value) {
  return (__u32)value >> 8;
}
HCD_INLINE __u32 hcd_value_sides(__u64 value) {
  return (__u8)value;
}

enum {
  HCD_SIDES_NEW = HCD_SYN_SENT << 4 | HCD_CLOSED,
  HCD_SIDES_UP = HCD_ESTABLISHED << 4 | HCD_ESTABLISHED,
  HCD_SIDES_CUT = HCD_CUT << 4 | HCD_CUT,
  HCD_SIDES_TOLD = HCD_CUT << 4 | HCD_TOLD,
  /* Made by a client's packet in the midst of a connection: half-open until the server's next one. */
  HCD_SIDES_RESUMED = HCD_SYN_SENT << 4 | HCD_ESTABLISHED,
};
enum {
  HCD_SIDES_NEW_UDP = HCD_SINGLE << 4 | HCD_NO_TRAFFIC,
  HCD_SIDES_UP_UDP = HCD_MULTIPLE << 4 | HCD_MULTIPLE,
};
HCD_INLINE __u32 hcd_sides_new(int udp) {
  return udp ? (__u32)HCD_SIDES_NEW_UDP : (__u32)HCD_SIDES_NEW;
}

/* The sides after a packet with these flags from the server or the client. Half: nothing of the other side is ever seen, so
 * the sender speaks for both (pf: pf_tcp_track_sloppy). */
HCD_INLINE __u32 hcd_track(__u32 sides, __u32 flags, int from_server, int half) {
  __u32 sender = from_server ? sides & 15 : sides >> 4;
  __u32 other = from_server ? sides >> 4 : sides & 15;
  if (flags & HCD_SYN && sender < HCD_SYN_SENT) sender = HCD_SYN_SENT;
  if (flags & HCD_FIN && sender < HCD_CLOSING) sender = HCD_CLOSING;
  if (flags & HCD_ACK) {
    if (half && sender == HCD_SYN_SENT && other < HCD_SYN_SENT)
      sender = other = HCD_ESTABLISHED;
    else if (half && sender == HCD_CLOSING && other == HCD_ESTABLISHED)
      other = HCD_CLOSING;
    else if (other == HCD_SYN_SENT)
      other = HCD_ESTABLISHED;
    else if (other == HCD_CLOSING)
      other = HCD_FIN_WAIT_2;
  }
  if (flags & HCD_RST && sender < HCD_TIME_WAIT) sender = other = HCD_TIME_WAIT;
  return from_server ? other << 4 | sender : sender << 4 | other;
}

/* The same of UDP, whose packets have no flags (pf: pf_test_state_udp): a side that was answered becomes multiple. */
HCD_INLINE __u32 hcd_track_udp(__u32 sides, int from_server) {
  __u32 sender = from_server ? sides & 15 : sides >> 4;
  __u32 other = from_server ? sides >> 4 : sides & 15;
  if (sender < HCD_SINGLE) sender = HCD_SINGLE;
  if (other == HCD_SINGLE) other = HCD_MULTIPLE;
  return from_server ? other << 4 | sender : sender << 4 | other;
}

/* pf's timeout of such a state, enum hcd_timeout_name. pf gives the opening timeout to a client's second packet, we leave
 * the first one's until the server answers; the same of udp.single. */
HCD_INLINE __u32 hcd_timeout_of(__u32 sides, int udp) {
  const __u32 client = sides >> 4, server = sides & 15;
  const __u32 less = client < server ? client : server, more = client < server ? server : client;
  if (udp) return !server ? HCD_TM_UDP_FIRST : less >= HCD_MULTIPLE ? HCD_TM_UDP_MULTIPLE : HCD_TM_UDP_SINGLE;
  if (server == HCD_CLOSED) return HCD_TM_TCP_FIRST;
  if (less >= HCD_FIN_WAIT_2) return HCD_TM_TCP_CLOSED;
  if (less >= HCD_CLOSING) return HCD_TM_TCP_FINWAIT;
  if (less < HCD_ESTABLISHED) return HCD_TM_TCP_OPENING;
  return more >= HCD_CLOSING ? HCD_TM_TCP_CLOSING : HCD_TM_TCP_ESTABLISHED;
}

/* A SYN begins a new connection on such a state, and a new flow may take its place. */
HCD_INLINE int hcd_sides_done(__u32 sides, int udp) {
  return !udp && sides >> 4 >= HCD_CLOSING && (sides & 15) >= HCD_CLOSING;
}
/* Userland has ended the connection. */
HCD_INLINE int hcd_sides_cut(__u32 sides) {
  return sides >> 4 == HCD_CUT;
}
/* Both sides have said yes, whatever came afterwards. */
HCD_INLINE int hcd_sides_up(__u32 sides) {
  return sides >> 4 >= HCD_ESTABLISHED && (sides & 15) >= HCD_ESTABLISHED;
}
/* The server has not said anything. */
HCD_INLINE int hcd_sides_unanswered(__u32 sides) {
  return (sides & 15) == HCD_CLOSED;
}
HCD_INLINE int hcd_sides_half_open(__u32 sides, int udp) {
  if (udp) return hcd_sides_unanswered(sides);
  return sides >> 4 < HCD_ESTABLISHED || (sides & 15) < HCD_ESTABLISHED;
}

HCD_PURE_END

#endif
