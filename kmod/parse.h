/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * From a frame to the TCP header. What cannot be ours is "other" and passes untouched: what is not TCP over IPv4 or
 * IPv6 over plain Ethernet (a VLAN tag included), what is cut off before the ports, the later fragments, which have no
 * ports, and source-routed IPv6 on its way. A packet that may be ours, but could not be rewritten, has a flaw: the
 * reason to drop it for, should one of our rules or hosts want it. */
#ifndef HCD_PARSE_H
#define HCD_PARSE_H

#include "kmod/csum.h"

HCD_PURE_BEGIN

enum { HCD_ETHER = 14, HCD_IP4 = 20, HCD_IP6 = 40, HCD_TCP = 20, HCD_EXTENSIONS = 6 };
enum hcd_proto { HCD_HOP_BY_HOP = 0, HCD_PROTO_TCP = 6, HCD_ROUTING = 43, HCD_FRAGMENTED = 44, HCD_OPTIONS = 60 };
enum { HCD_FIN = 1, HCD_SYN = 2, HCD_RST = 4, HCD_PUSH = 8, HCD_ACK = 16 };

struct hcd_packet {
  const __u8* tcp; /* the TCP header; all of its 20 bytes are there unless the flaw is HCD_SHORT */
  __u64 src[2];    /* as read; IPv4: the first four bytes, the rest zero */
  __u64 dst[2];
  __be16 sport;
  __be16 dport;
  __u32 bytes;  /* of the IP packet */
  __u32 offset; /* of the TCP header in the frame */
  __u8 six;     /* IPv6 */
  __u8 flags;   /* TCP's */
  __u8 flaw;    /* enum hcd_reason, or 0 */
  __u8 tos;
};

/* Packets are aligned for the kernel, test buffers for nobody. */
#ifdef __bpf__
#define HCD_READER(name, type)                    \
  HCD_INLINE type name(const __u8* at) {          \
    typedef type __attribute__((may_alias)) word; \
    return *(const word*)at;                      \
  }
#else
#define HCD_READER(name, type)                 \
  HCD_INLINE type name(const __u8* at) {       \
    type word;                                 \
    __builtin_memcpy(&word, at, sizeof(word)); \
    return word;                               \
  }
#endif
HCD_READER(hcd_read16, __u16)
HCD_READER(hcd_read32, __u32)
HCD_READER(hcd_read64, __u64)
HCD_INLINE __u32 hcd_host16(const __u8* at) {
  return (__u32)at[0] << 8 | at[1];
}

/* Ports and what else of TCP's header is wanted. True unless the ports are missing. Room is what of the IP packet is
 * left for TCP by its own account. */
HCD_INLINE int hcd_parse_tcp(const __u8* end, __u32 room, struct hcd_packet* packet) {
  const __u8* tcp = packet->tcp;
  if (tcp + 4 > end) return 0;
  packet->sport = hcd_read16(tcp);
  packet->dport = hcd_read16(tcp + 2);
  if (packet->flaw) return 1;
  if (tcp + HCD_TCP > end) {
    packet->flaw = HCD_SHORT;
    return 1;
  }
  packet->flags = tcp[13];
  const __u32 header = (__u32)(tcp[12] >> 4) * 4;
  if (header < HCD_TCP || header > room) packet->flaw = HCD_SHORT;
  return 1;
}

/* Frame: bytes from the IP header on, in whatever buffers. Large: a packet to be cut into segments, whose length may
 * not fit its header and is 0 then. */
HCD_INLINE int hcd_parse_ip4(const __u8* ip, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (ip + HCD_IP4 > end) return 0;
  const __u32 header = (__u32)(ip[0] & 15) * 4;
  if (ip[0] >> 4 != 4 || header < HCD_IP4 || ip[9] != HCD_PROTO_TCP) return 0;
  const __u32 fragment = hcd_host16(ip + 6);
  if (fragment & 0x1fff) return 0;
  packet->six = 0;
  packet->src[0] = hcd_read32(ip + 12);
  packet->dst[0] = hcd_read32(ip + 16);
  packet->src[1] = packet->dst[1] = 0;
  packet->tos = ip[1];
  packet->bytes = hcd_host16(ip + 2);
  if (large && !packet->bytes) packet->bytes = frame;
  packet->flaw = 0;
  if (ip[8] <= 1) packet->flaw = HCD_TTL;
  if (packet->bytes > frame || packet->bytes < header) packet->flaw = HCD_SHORT;
  if (fragment & 0x2000) packet->flaw = HCD_FRAGMENT;
  packet->offset = HCD_ETHER + header;
  packet->tcp = ip + header;
  return hcd_parse_tcp(end, packet->bytes - header, packet);
}

/* Walks the extension headers that may stand before TCP; 0 when TCP does not follow. */
HCD_INLINE const __u8* hcd_parse_extensions(const __u8* at, const __u8* end, __u32 next, struct hcd_packet* packet) {
  for (int i = 0; i < HCD_EXTENSIONS && next != HCD_PROTO_TCP; i++) {
    if (at + 8 > end) return 0;
    __u32 length = 8 + (__u32)at[1] * 8;
    switch (next) {
      case HCD_HOP_BY_HOP:
      case HCD_OPTIONS: break;
      case HCD_ROUTING:
        if (at[3]) return 0; /* segments left: the destination is not the last one */
        break;
      case HCD_FRAGMENTED:
        if (hcd_host16(at + 2) & 0xfff8) return 0;
        packet->flaw = HCD_FRAGMENT;
        length = 8;
        break;
      default: return 0;
    }
    next = at[0];
    at += length;
    packet->offset += length;
  }
  return next == HCD_PROTO_TCP ? at : 0;
}

HCD_INLINE int hcd_parse_ip6(const __u8* ip, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (ip + HCD_IP6 > end || ip[0] >> 4 != 6) return 0;
  packet->six = 1;
  packet->src[0] = hcd_read64(ip + 8);
  packet->src[1] = hcd_read64(ip + 16);
  packet->dst[0] = hcd_read64(ip + 24);
  packet->dst[1] = hcd_read64(ip + 32);
  packet->tos = (__u8)(hcd_host16(ip) >> 4);
  const __u32 payload = hcd_host16(ip + 4);
  packet->bytes = large && !payload ? frame : HCD_IP6 + payload;
  packet->flaw = 0;
  if (ip[7] <= 1) packet->flaw = HCD_TTL;
  if (packet->bytes > frame) packet->flaw = HCD_SHORT;
  packet->offset = HCD_ETHER + HCD_IP6;
  packet->tcp = hcd_parse_extensions(ip + HCD_IP6, end, ip[6], packet);
  if (!packet->tcp) return 0;
  const __u32 headers = packet->offset - HCD_ETHER;
  if (packet->bytes < headers) packet->flaw = HCD_SHORT;
  return hcd_parse_tcp(end, packet->bytes - headers, packet);
}

/* False: other. Frame: the length of the whole frame, of which data to end may be the beginning. */
HCD_INLINE int hcd_parse(const __u8* data, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (data + HCD_ETHER > end) return 0;
  switch (hcd_host16(data + 12)) {
    case 0x0800: return hcd_parse_ip4(data + HCD_ETHER, end, frame - HCD_ETHER, large, packet);
    case 0x86dd: return hcd_parse_ip6(data + HCD_ETHER, end, frame - HCD_ETHER, large, packet);
    default: return 0;
  }
}

/* Whether the checksum is still to be filled in by a sender's hardware that is not there: then it is the bare sum of
 * the pseudo header. One complete checksum in 65,536 looks the same. */
HCD_INLINE int hcd_csum_is_partial(const struct hcd_packet* packet) {
  __u64 sum = hcd_csum_add64(hcd_csum_add64(0, packet->src[0]), packet->dst[0]);
  sum = hcd_csum_add64(hcd_csum_add64(sum, packet->src[1]), packet->dst[1]);
  const __u32 length = packet->bytes - (packet->offset - HCD_ETHER);
  sum += __builtin_bswap16((__u16)length) + ((__u32)HCD_PROTO_TCP << 8);
  return hcd_read16(packet->tcp + 16) == hcd_csum_fold(sum);
}

HCD_PURE_END

#endif
