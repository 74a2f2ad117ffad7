/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Connections that have completed their handshake, counted for their source, and what becomes of a source that has too many
 * (pf_src_connlimit): the connection ends, and where the rule says so the source is put into a table and its other states
 * end too. */
#ifndef HCD_OVERLOAD_BPF_H
#define HCD_OVERLOAD_BPF_H

#include "kmod/state.bpf.h"

/* As pf does, one that is in already is left as it is. */
__noinline int hcd_put_overloaded(const struct hcd_flow* flow, __u32 table) {
  if (!flow || hcd_in_table(flow, table)) return 0;
  const __u32 value = HCD_OVERLOADED | flow->now << 2;
  long failed;
  if (flow->six) {
    struct hcd_network6_key key = {.prefix = 32 + 128, .table = table};
    __builtin_memcpy(key.addr, flow->addr, sizeof(key.addr));
    failed = bpf_map_update_elem(&hcd_networks6, &key, &value, BPF_NOEXIST);
  } else {
    struct hcd_network4_key key = {.prefix = 32 + 32, .table = table};
    __builtin_memcpy(key.addr, flow->addr, sizeof(key.addr));
    failed = bpf_map_update_elem(&hcd_networks4, &key, &value, BPF_NOEXIST);
  }
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (failed || !pulse) return 0;
  __sync_fetch_and_add(&pulse->overloads, 1);
  hcd_count(HCD_LIMIT_OVERLOAD);
  return 1;
}

/* Has the client's states ended, those of the rule or with 0 all of them, by the sweeper's timer. The number of walks is that of one
 * which may have begun before the client was put in. */
__noinline int hcd_ask_flush(const struct hcd_flow* flow, __u32 rule) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  const __u32 zero = 0;
  struct hcd_sweep* sweep = bpf_map_lookup_elem(&hcd_sweep, &zero);
  if (!flow || !pulse || !sweep) return 0;
  const struct hcd_flush_key key = {{flow->addr[0], flow->addr[1]}, rule, flow->six ? 6 : 4};
  const __u32 walk = HCD_READ_ONCE(pulse->flush_walks) + 1;
  if (bpf_map_update_elem(&hcd_flushes, &key, &walk, BPF_ANY)) return 0;
  HCD_WRITE_ONCE(pulse->flush_wanted, 1);
  bpf_timer_start(&sweep->timer, 0, 0);
  hcd_count(HCD_LIMIT_FLUSH);
  return 1;
}

/* Whether the node has more connections, with the one that has been counted as the `conns`th, than the rule allows. */
HCD_INLINE int hcd_has_too_many(const struct hcd_rule* rule, struct hcd_source* node, __u32 conns, __u32 now) {
  int over = 0;
  if (rule->max_src_rate) {
    const __s32 since = (__s32)(now - HCD_READ_ONCE(node->rate_since));
    const __u32 rate =
        hcd_rate_faded(HCD_READ_ONCE(node->rate), since < 0 ? 0 : since, rule->rate_ticks) + HCD_RATE_ONE;
    HCD_WRITE_ONCE(node->rate, rate);
    HCD_WRITE_ONCE(node->rate_since, now);
    if (rate > (__u64)rule->max_src_rate * HCD_RATE_ONE) over = HCD_LIMIT_SRC_RATE;
    if (over) hcd_count(HCD_LIMIT_SRC_RATE);
  }
  if (!rule->max_src_conn || conns <= rule->max_src_conn) return over;
  hcd_count(HCD_LIMIT_SRC_CONN);
  return HCD_LIMIT_SRC_CONN;
}

/* Notes that the found state is counted as a connection. False: it has ended meanwhile, or is counted already. */
__noinline int hcd_mark_connection(struct hcd_scratch* scratch) {
  if (!scratch) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  const __u32 place = scratch->found.place;
  const struct hcd_spot spot = flow->six ? hcd_spot(flow, 1, place) : hcd_spot(flow, 0, place);
  if (!spot.entry || hcd_set_flag(spot.more, HCD_MORE_CONN) & HCD_MORE_CONN) return 0;
  if (HCD_READ_ONCE(spot.entry->key) == (flow->key | scratch->found.rule)) return 1;
  return !(hcd_take_flag(spot.more, HCD_MORE_CONN) & HCD_MORE_CONN); /* it counted down what we count up */
}

/* Counts the connection of the flow in its source's node. 0: it may go on; else the state has ended. */
__noinline int hcd_connect(struct hcd_scratch* scratch, int end) {
  if (!scratch || !hcd_find(scratch, end)) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  const struct hcd_found* found = &scratch->found;
  const struct hcd_rule* rule = hcd_rule(found->rule);
  if (!rule) return 0;
  scratch->owner = (struct hcd_owner){
      {flow->addr[0], flow->addr[1]}, rule->flags & HCD_RULE_TRACK_GLOBAL ? HCD_SOURCE_GLOBAL : found->rule, flow->six};
  const int at = hcd_find_source(&scratch->owner);
  struct hcd_source* node = at < 0 ? 0 : hcd_source_at(at);
  if (!node) return 0;
  const __u32 conns = __sync_fetch_and_add(&node->conns, 1) + 1;
  if (!hcd_mark_connection(scratch)) {
    __sync_fetch_and_sub(&node->conns, 1);
    return 0;
  }
  if (!hcd_has_too_many(rule, node, conns, flow->now)) return 0;
  if (rule->overload) {
    if (hcd_put_overloaded(flow, rule->overload) && hcd_is_watched()) hcd_tell_overload(scratch, rule->overload);
    if (rule->flush) hcd_ask_flush(flow, rule->flush == HCD_FLUSH_RULE ? found->rule : 0);
  }
  const struct hcd_end over = hcd_end_of(flow, found->place, flow->key | found->rule, HCD_KILLED);
  hcd_kill(&over);
  return HCD_SRC_LIMIT;
}

#endif
