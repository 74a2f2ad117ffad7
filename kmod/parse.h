/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * From a frame to the TCP or UDP header. What cannot be ours is "other" and passes untouched: what is neither TCP, UDP
 * nor an ICMP error over IPv4 or IPv6 over plain Ethernet, but for one VLAN tag, what is cut off before the ports, and
 * source-routed IPv6 on its way. A packet that may be ours, but could not be rewritten, has a flaw: the reason to drop
 * it for, should one of our rules or hosts want it. */
#ifndef HCD_PARSE_H
#define HCD_PARSE_H

#include "kmod/csum.h"

HCD_PURE_BEGIN

enum {
  HCD_ETHER = 14,
  HCD_VLAN_TAG = 4,
  HCD_IP4 = 20,
  HCD_IP6 = 40,
  HCD_TCP = 20,
  HCD_UDP = 8,
  HCD_ICMP = 8,
  HCD_EXTENSIONS = 6
};
enum { HCD_OFFSET_MASK = 0x3fff }; /* no header that is found stands beyond it */
enum hcd_proto {
  HCD_HOP_BY_HOP = 0,
  HCD_PROTO_ICMP = 1,
  HCD_PROTO_TCP = 6,
  HCD_PROTO_UDP = 17,
  HCD_ROUTING = 43,
  HCD_FRAGMENTED = 44,
  HCD_PROTO_ICMP6 = 58,
  HCD_OPTIONS = 60,
  HCD_PROTO_NONE = 255, /* of a first fragment: something else */
};
enum { HCD_FIN = 1, HCD_SYN = 2, HCD_RST = 4, HCD_PUSH = 8, HCD_ACK = 16, HCD_URG = 32 };

enum hcd_kind {
  HCD_OTHER = 0,
  HCD_WHOLE, /* TCP or UDP, not in pieces: what the fast path is for */
  HCD_PIECE, /* a fragment; only a first one has ports, and that only when its protocol is TCP or UDP */
  HCD_ERROR, /* an ICMP error, which quotes a packet */
};

struct hcd_packet {
  const __u8* l4; /* the TCP or UDP header; all of it is there unless the flaw is HCD_SHORT. Or the ICMP header */
  __u64 src[2];   /* as read; IPv4: the first four bytes, the rest zero */
  __u64 dst[2];
  __be16 sport;
  __be16 dport;
  __u32 bytes;  /* of the IP packet */
  __u32 offset; /* of what l4 points to in the frame */
  __u8 six;     /* IPv6 */
  __u8 proto;   /* HCD_PROTO_TCP, HCD_PROTO_UDP; of an error ICMP's; of a later fragment whatever it says */
  __u8 flags;   /* TCP's, 0 for UDP */
  __u8 flaw;    /* enum hcd_reason, or 0 */
  __u8 tos;
  __u8 spent : 1; /* its time to live, or hop limit, does not last for another hop */
  __u8 more : 1;  /* HCD_PIECE: not the last */
  __u8 piece : 1; /* HCD_PIECE */
  __u16 at;       /* HCD_PIECE: where it belongs in the whole, in bytes */
  __u16 span;     /* HCD_PIECE: how much of the whole it holds */
  __be32 id;      /* HCD_PIECE */
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

HCD_INLINE int hcd_has_ports(__u32 proto) {
  return proto == HCD_PROTO_TCP || proto == HCD_PROTO_UDP;
}

/* Flags that no TCP sends together, as pf has it: a SYN with RST or FIN; neither SYN, ACK nor RST; what needs an ACK without. */
HCD_INLINE int hcd_is_nonsense(__u32 flags) {
  if ((flags & (HCD_SYN | HCD_ACK)) == HCD_ACK) return 0; /* nearly all */
  if (flags & HCD_SYN && flags & (HCD_RST | HCD_FIN)) return 1;
  if (!(flags & (HCD_SYN | HCD_ACK | HCD_RST))) return 1;
  return !(flags & HCD_ACK) && flags & (HCD_FIN | HCD_PUSH | HCD_URG);
}

/* Ports and what else of the header is wanted. False: the ports are missing. Room is what of the IP packet is left for
 * it by its own account; of a first fragment the whole is longer. */
HCD_INLINE int hcd_parse_ports(const __u8* end, __u32 room, struct hcd_packet* packet) {
  const __u8* l4 = packet->l4;
  if (l4 + 4 > end) return 0;
  packet->sport = hcd_read16(l4);
  packet->dport = hcd_read16(l4 + 2);
  packet->flags = 0;
  if (packet->flaw) return 1;
  if (packet->proto == HCD_PROTO_TCP) {
    if (l4 + HCD_TCP > end) {
      packet->flaw = HCD_SHORT;
      return 1;
    }
    packet->flags = l4[13];
    const __u32 header = (__u32)(l4[12] >> 4) * 4;
    if (header < HCD_TCP || header > room)
      packet->flaw = HCD_SHORT;
    else if (hcd_is_nonsense(packet->flags))
      packet->flaw = HCD_NORMALIZE;
    return 1;
  }
  if (l4 + HCD_UDP > end) {
    packet->flaw = HCD_SHORT;
    return 1;
  }
  const __u32 length = hcd_host16(l4 + 4);
  if (length < HCD_UDP || room < HCD_UDP || (length > room && !packet->more)) packet->flaw = HCD_SHORT;
  return 1;
}

/* Errors quote the packet that they are about; their types of ICMP and of ICMPv6. */
HCD_INLINE int hcd_parse_icmp(const __u8* end, struct hcd_packet* packet) {
  const __u8* icmp = packet->l4;
  if (icmp + HCD_ICMP > end) return HCD_OTHER;
  if (packet->six) return icmp[0] >= 1 && icmp[0] <= 4 ? HCD_ERROR : HCD_OTHER;
  return icmp[0] == 3 || icmp[0] == 11 || icmp[0] == 12 ? HCD_ERROR : HCD_OTHER;
}

/* Fragments: `word` is the header's flags and offset, whose lowest bit counts eight bytes; room what the piece holds. */
HCD_INLINE int hcd_parse_piece(const __u8* end, __u32 room, struct hcd_packet* packet) {
  const __u32 last = packet->at + room;
  if (!room || (packet->more && room % 8) || last > 0xffff) packet->flaw = HCD_BAD_OFFSET;
  if (packet->at) return HCD_PIECE;
  if (!hcd_has_ports(packet->proto) || !hcd_parse_ports(end, room, packet)) packet->proto = HCD_PROTO_NONE;
  return HCD_PIECE;
}

/* Frame: bytes from the IP header on, in whatever buffers. Large: a packet to be cut into segments, whose length may
 * not fit its header and is 0 then. */
HCD_INLINE int hcd_parse_ip4(const __u8* ip, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (ip + HCD_IP4 > end) return HCD_OTHER;
  const __u32 header = (__u32)(ip[0] & 15) * 4;
  if (ip[0] >> 4 != 4 || header < HCD_IP4) return HCD_OTHER;
  const __u32 fragment = hcd_host16(ip + 6);
  packet->six = 0;
  packet->proto = ip[9];
  packet->src[0] = hcd_read32(ip + 12);
  packet->dst[0] = hcd_read32(ip + 16);
  packet->src[1] = packet->dst[1] = 0;
  packet->tos = ip[1];
  packet->bytes = hcd_host16(ip + 2);
  if (large && !packet->bytes) packet->bytes = frame;
  packet->flaw = 0;
  packet->spent = ip[8] <= 1;
  if (packet->bytes > frame || packet->bytes < header) packet->flaw = HCD_SHORT;
  packet->offset = HCD_ETHER + header;
  packet->l4 = ip + header;
  packet->more = (fragment & 0x2000) != 0;
  packet->piece = (fragment & 0x3fff) != 0;
  if (fragment & 0x3fff) {
    if (!hcd_has_ports(packet->proto)) return HCD_OTHER;
    packet->at = (__u16)(fragment << 3);
    packet->span = (__u16)(packet->bytes - header);
    packet->id = hcd_read16(ip + 4);
    return hcd_parse_piece(end, packet->bytes - header, packet);
  }
  if (hcd_has_ports(packet->proto)) return hcd_parse_ports(end, packet->bytes - header, packet) ? HCD_WHOLE : HCD_OTHER;
  return packet->proto == HCD_PROTO_ICMP ? hcd_parse_icmp(end, packet) : HCD_OTHER;
}

HCD_INLINE int hcd_ends_chain(__u32 next) {
  return hcd_has_ports(next) || next == HCD_PROTO_ICMP6;
}

/* Walks the extension headers that may stand before TCP and UDP, to the one that follows, or to the rest of a later
 * fragment; its type goes into packet->proto. 0: there is none that could be ours. */
HCD_INLINE const __u8* hcd_parse_extensions(const __u8* at, const __u8* end, __u32 next, int* piece,
                                            struct hcd_packet* packet) {
  for (int i = 0; i < HCD_EXTENSIONS && !hcd_ends_chain(next); i++) {
    if (at + 8 > end) return 0;
    __u32 length = 8 + (__u32)at[1] * 8;
    switch (next) {
      case HCD_HOP_BY_HOP:
      case HCD_OPTIONS: break;
      case HCD_ROUTING:
        if (at[3]) return 0; /* segments left: the destination is not the last one */
        break;
      case HCD_FRAGMENTED:
        length = 8;
        if (!(hcd_host16(at + 2) & 0xfff9)) break; /* the whole in one fragment */
        if (*piece) return 0;
        *piece = 1;
        packet->at = (__u16)(hcd_host16(at + 2) & 0xfff8);
        packet->more = at[3] & 1;
        packet->span = (__u16)(packet->bytes - (packet->offset + 8 - HCD_ETHER));
        packet->id = hcd_read32(at + 4);
        break;
      default: return 0;
    }
    next = at[0];
    at += length;
    packet->offset += length;
    if (*piece && packet->at) break;
  }
  packet->proto = (__u8)next;
  return hcd_ends_chain(next) || *piece ? at : 0;
}

HCD_INLINE int hcd_parse_ip6(const __u8* ip, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (ip + HCD_IP6 > end || ip[0] >> 4 != 6) return HCD_OTHER;
  packet->six = 1;
  packet->src[0] = hcd_read64(ip + 8);
  packet->src[1] = hcd_read64(ip + 16);
  packet->dst[0] = hcd_read64(ip + 24);
  packet->dst[1] = hcd_read64(ip + 32);
  packet->tos = (__u8)(hcd_host16(ip) >> 4);
  const __u32 payload = hcd_host16(ip + 4);
  packet->bytes = large && !payload ? frame : HCD_IP6 + payload;
  packet->flaw = 0;
  packet->spent = ip[7] <= 1;
  if (packet->bytes > frame) packet->flaw = HCD_SHORT;
  packet->offset = HCD_ETHER + HCD_IP6;
  packet->more = 0;
  int piece = 0;
  packet->l4 = hcd_parse_extensions(ip + HCD_IP6, end, ip[6], &piece, packet);
  if (!packet->l4) return HCD_OTHER;
  const __u32 headers = packet->offset - HCD_ETHER;
  const __u32 room = packet->bytes < headers ? 0 : packet->bytes - headers;
  if (packet->bytes < headers) packet->flaw = HCD_SHORT;
  packet->piece = piece;
  if (piece) return packet->proto == HCD_PROTO_ICMP6 ? HCD_OTHER : hcd_parse_piece(end, room, packet);
  if (packet->proto == HCD_PROTO_ICMP6) return hcd_parse_icmp(end, packet);
  return hcd_parse_ports(end, room, packet) ? HCD_WHOLE : HCD_OTHER;
}

/* The length of the frame's one tag, without which it would begin so much later; of several only the first is looked at. */
HCD_INLINE __u32 hcd_tag(const __u8* data, const __u8* end) {
  return data + HCD_ETHER + HCD_VLAN_TAG <= end && hcd_host16(data + 12) == 0x8100 ? HCD_VLAN_TAG : 0;
}

/* The frame's enum hcd_kind. Frame: the length of the whole frame, of which data to end may be the beginning. */
HCD_INLINE int hcd_parse(const __u8* data, const __u8* end, __u32 frame, int large, struct hcd_packet* packet) {
  if (data + HCD_ETHER > end) return HCD_OTHER;
  switch (hcd_host16(data + 12)) {
    case 0x0800: return hcd_parse_ip4(data + HCD_ETHER, end, frame - HCD_ETHER, large, packet);
    case 0x86dd: return hcd_parse_ip6(data + HCD_ETHER, end, frame - HCD_ETHER, large, packet);
    default: return HCD_OTHER;
  }
}

/* Where the checksum stands in the TCP or UDP header. */
HCD_INLINE __u32 hcd_check_offset(__u32 proto) {
  return proto == HCD_PROTO_UDP ? 6 : 16;
}

/* Whether the checksum is still to be filled in by a sender's hardware that is not there: then it is the bare sum of
 * the pseudo header. One complete checksum in 65,536 looks the same. */
HCD_INLINE int hcd_csum_is_partial(const struct hcd_packet* packet) {
  __u64 sum = hcd_csum_add64(hcd_csum_add64(0, packet->src[0]), packet->dst[0]);
  sum = hcd_csum_add64(hcd_csum_add64(sum, packet->src[1]), packet->dst[1]);
  const __u32 length = packet->bytes - (packet->offset - HCD_ETHER);
  sum += __builtin_bswap16((__u16)length) + ((__u32)packet->proto << 8);
  const __u16 check = packet->proto == HCD_PROTO_UDP ? hcd_read16(packet->l4 + 6) : hcd_read16(packet->l4 + 16);
  return check == hcd_csum_fold(sum);
}

HCD_PURE_END

#endif
