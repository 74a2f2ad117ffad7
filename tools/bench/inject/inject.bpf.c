// SPDX-License-Identifier: ISC OR GPL-2.0-only
// The kernel side of the packet generator: writes frames, counts what arrives, and answers a SYN so that a flow is
// established for whoever stands between. Counting programs take the generator's packets only; all else passes.
// clang-format off
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "tools/bench/inject/frame.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum { TCX_NEXT = -1, TCX_DROP = 2, XDP_ROOM = sizeof(struct inject_frame) };

const volatile __u32 flows = 1;       // the generator cycles through so many
const volatile __u32 first;           // from this one on
const volatile __u32 out_ifindex;     // where frames leave
const volatile __u8 bounce_to[6];     // bounce_*: the next hop's address
const volatile __u32 bounce_ifindex;  // and the interface towards it

struct inject_template like;  // not const volatile: it is copied whole, and the compiler would copy its initial zeros
__u64 sent;
int answering;  // 1: SYNs are answered, nothing is dropped

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);  // 0: from the generator; 1: to it
  __type(key, __u32);
  __type(value, __u64);
} delivered SEC(".maps");

// 0: from a generated client, 1: to one, 2: neither
static __always_inline __u32 direction(void* data, void* end) {
  struct inject_frame* frame = data;
  if (data + sizeof(*frame) > end || frame->ether.h_proto != inject_swap16(ETH_P_IP)) return 2;
  if ((__builtin_bswap32(frame->ip.saddr) & INJECT_CLIENTS_MASK) == INJECT_CLIENTS) return 0;
  if ((__builtin_bswap32(frame->ip.daddr) & INJECT_CLIENTS_MASK) == INJECT_CLIENTS) return 1;
  return 2;
}

static __always_inline void count(__u32 way) {
  __u64* counter = bpf_map_lookup_elem(&delivered, &way);
  if (counter) ++*counter;
}

SEC("xdp")
int inject_frame(struct xdp_md* ctx) {
  void* data = (void*)(long)ctx->data;
  if (data + sizeof(struct inject_frame) > (void*)(long)ctx->data_end) return XDP_ABORTED;
  inject_write(data, (const struct inject_template*)&like, first + (__u32)(sent++ % flows));
  return (int)bpf_redirect(out_ifindex, 0);
}

SEC("xdp")
int count_frame(struct xdp_md* ctx) {
  const __u32 way = direction((void*)(long)ctx->data, (void*)(long)ctx->data_end);
  if (way == 2 || answering) return XDP_PASS;
  count(way);
  return XDP_DROP;
}

SEC("xdp")
int bounce_frame(struct xdp_md* ctx) {
  void* data = (void*)(long)ctx->data;
  if (direction(data, (void*)(long)ctx->data_end) != 0) return XDP_PASS;
  struct ethhdr* ether = data;
  for (int i = 0; i < ETH_ALEN; ++i) ether->h_dest[i] = bounce_to[i];
  return (int)bpf_redirect(bounce_ifindex, 0);
}

SEC("tc")
int bounce_buffer(struct __sk_buff* skb) {
  void* data = (void*)(long)skb->data;
  if (direction(data, (void*)(long)skb->data_end) != 0) return TCX_NEXT;
  struct ethhdr* ether = data;
  for (int i = 0; i < ETH_ALEN; ++i) ether->h_dest[i] = bounce_to[i];
  return (int)bpf_redirect(bounce_ifindex, 0);
}

static __always_inline __u16 tcp_checksum(const struct inject_frame* frame) {
  __u32 sum = inject_swap16(sizeof(frame->tcp)) + inject_swap16(IPPROTO_TCP);
  const __u16 *address = (const __u16*)(const void*)&frame->ip.saddr, *word = (const __u16*)(const void*)&frame->tcp;
  for (int i = 0; i < 4; ++i) sum += address[i];
  for (unsigned i = 0; i < sizeof(frame->tcp) / 2; ++i) sum += word[i];
  return inject_fold(sum);
}

// SYN to SYN and ACK, back by the way it came.
static __always_inline void answer(struct inject_frame* frame) {
  unsigned char address[ETH_ALEN];
  __builtin_memcpy(address, frame->ether.h_source, ETH_ALEN);
  __builtin_memcpy(frame->ether.h_source, frame->ether.h_dest, ETH_ALEN);
  __builtin_memcpy(frame->ether.h_dest, address, ETH_ALEN);
  const __u32 client = frame->ip.saddr;
  frame->ip.saddr = frame->ip.daddr;
  frame->ip.daddr = client;
  const __u16 port = frame->tcp.source;
  frame->tcp.source = frame->tcp.dest;
  frame->tcp.dest = port;
  frame->tcp.ack_seq = __builtin_bswap32(__builtin_bswap32(frame->tcp.seq) + 1);
  frame->tcp.ack = 1;
  frame->tcp.check = 0;
  frame->tcp.check = tcp_checksum(frame);
}

SEC("tc")
int count_buffer(struct __sk_buff* skb) {
  bpf_skb_pull_data(skb, sizeof(struct inject_frame));
  struct inject_frame* frame = (void*)(long)skb->data;
  const __u32 way = direction(frame, (void*)(long)skb->data_end);
  if (way == 2) return TCX_NEXT;
  count(way);
  if (!answering || way == 1 || (void*)(frame + 1) > (void*)(long)skb->data_end || !frame->tcp.syn) return TCX_DROP;
  answer(frame);
  return (int)bpf_redirect(skb->ifindex, 0);
}
