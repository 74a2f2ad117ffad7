/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What tc sees to beside the fast path, which XDP leaves alone. */
#ifndef HCD_BESIDE_BPF_H
#define HCD_BESIDE_BPF_H

#include "kmod/answer.bpf.h"
#include "kmod/stash.bpf.h"

__noinline int hcd_tc_beside(struct __sk_buff* skb) {
  const int kind = hcd_read_beside(skb);
  if (kind == HCD_ERROR && hcd_read_quote(skb)) return hcd_tc_error(skb);
  if (kind == HCD_PIECE) return hcd_tc_piece(skb);
  return hcd_done_beside(skb, HCD_PASSED, TC_ACT_UNSPEC);
}

#endif
