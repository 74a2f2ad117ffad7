/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Drives a packet program under BPF_PROG_TEST_RUN, which does not restore the packet between the runs of one call: each
 * run writes the headers anew, for the next flow, and tail-calls the program under test, or one that does nothing. */
/* clang-format off */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
/* clang-format on */

#include "tools/bench/testrun/drive_plan.h"

struct drive_plan plan;

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} xdp_slot SEC(".maps"), tc_slot SEC(".maps");

typedef __u64 __attribute__((may_alias)) word;

/* Flow n: client 198.18.0.0 + n (the last four bytes of an IPv6 address alike), port 1024 and up, the server n mod 8,
 * the virtual address n mod vips. */
static __always_inline void next_frame(void* data, void* end) {
  if (data + DRIVE_WORDS * 8 > end) return;
  for (int i = 0; i < DRIVE_WORDS; i++) ((word*)data)[i] = plan.frame[i];
  const __u32 flow = plan.flow;
  plan.flow = plan.flows ? (flow * 1664525 + 1013904223) & (plan.flows - 1) : flow + 1;
  void *address = data + (plan.address_at & 63), *port = data + (plan.port_at & 63);
  void *server = data + (plan.server_at & 63), *vip = data + (plan.vip_at & 63);
  if (address + 4 > end || port + 2 > end || server + 1 > end || vip + 2 > end) return;
  *(__u32*)address = __builtin_bswap32(0xc6120000 + (flow & 0x1ffff));
  *(__u16*)port = __builtin_bswap16(1024 + (flow >> 17));
  if (plan.server_at) *(__u8*)server = 1 + (flow & 7);
  if (plan.vip_at) *(__u16*)vip = __builtin_bswap16(flow & (plan.vips - 1));
}

SEC("xdp")
int drive_xdp(struct xdp_md* ctx) {
  const __u32 length = ctx->data_end - ctx->data;
  if (plan.length && length > plan.length) bpf_xdp_adjust_head(ctx, length - plan.length);
  next_frame((void*)(long)ctx->data, (void*)(long)ctx->data_end);
  bpf_tail_call(ctx, &xdp_slot, 0);
  return XDP_ABORTED;
}
SEC("tc")
int drive_tc(struct __sk_buff* skb) {
  next_frame((void*)(long)skb->data, (void*)(long)skb->data_end);
  bpf_tail_call(skb, &tc_slot, 0);
  return TC_ACT_SHOT;
}

SEC("xdp")
int idle_xdp(struct xdp_md* ctx __attribute__((unused))) {
  return XDP_PASS;
}
SEC("tc")
int idle_tc(struct __sk_buff* skb __attribute__((unused))) {
  return TC_ACT_UNSPEC;
}

char drive_license[] SEC("license") = "Dual MIT/GPL";
