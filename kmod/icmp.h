/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What an ICMP or ICMPv6 error quotes (RFC 792, RFC 4443): the packet that it is about, as it left here, from its IP header
 * on and cut off anywhere. Eight bytes of its TCP or UDP header are enough to know its flow. */
#ifndef HCD_ICMP_H
#define HCD_ICMP_H

#include "kmod/parse.h"

HCD_PURE_BEGIN

enum { HCD_LONGEST_QUOTED = 1 << 17 }; /* the quoted packet's own length is longer than the quote, and no flaw */

/* True: its ports are there. The flaws of `quoted` mean nothing, its offset counts from the quoted Ethernet header that is
 * not there. */
HCD_INLINE int hcd_parse_quote(const __u8* icmp, const __u8* end, int six, struct hcd_packet* quoted) {
  const __u8* ip = icmp + HCD_ICMP;
  const int kind = six ? hcd_parse_ip6(ip, end, HCD_LONGEST_QUOTED, 0, quoted)
                       : hcd_parse_ip4(ip, end, HCD_LONGEST_QUOTED, 0, quoted);
  return kind == HCD_WHOLE || (kind == HCD_PIECE && !quoted->at && quoted->proto != HCD_PROTO_NONE);
}

/* An error goes to who sent the packet that it is about. */
HCD_INLINE int hcd_quote_fits(const struct hcd_packet* error, const struct hcd_packet* quoted) {
  return error->dst[0] == quoted->src[0] && error->dst[1] == quoted->src[1];
}

/* A packet the other way, as far as it takes to find the flow. */
HCD_INLINE void hcd_turn(const struct hcd_packet* quoted, struct hcd_packet* turned) {
  turned->src[0] = quoted->dst[0];
  turned->src[1] = quoted->dst[1];
  turned->dst[0] = quoted->src[0];
  turned->dst[1] = quoted->src[1];
  turned->sport = quoted->dport;
  turned->dport = quoted->sport;
  turned->six = quoted->six;
  turned->proto = quoted->proto;
}

/* A checksum after the differences in sum, where it may be of UDP, for which 0 says that there is none. */
HCD_INLINE __u16 hcd_csum_apply_to(__u32 proto, __u16 check, __u64 sum) {
  const __u16 applied = hcd_csum_apply(check, sum);
  if (proto != HCD_PROTO_UDP) return applied;
  return !check ? 0 : applied ? applied : 0xffff;
}

HCD_PURE_END

#endif
