/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The slow way in: what a client's packet is to us that may open a flow, or whose state is dead. */
#ifndef HCD_OPEN_BPF_H
#define HCD_OPEN_BPF_H

#include "kmod/guard.bpf.h"
#include "kmod/sticky.bpf.h"

enum { HCD_INSERT_ATTEMPTS = 3 };

/* Why a packet of the rule's can go no further; 0: it can. */
HCD_INLINE int hcd_flaw_of(const struct hcd_flow* flow, const struct hcd_rule* rule) {
  return flow->flaw ? flow->flaw : rule->flags & HCD_RULE_KEEP_TTL ? 0 : flow->spent;
}

/* Whether a packet that could open a flow belongs to the state that there is. */
HCD_INLINE int hcd_keeps(const struct hcd_flow* flow, const struct hcd_found* found) {
  const __u32 sides = hcd_value_sides(found->value);
  if (hcd_sides_done(sides, flow->proto == HCD_PROTO_UDP)) return 0;
  return hcd_is_up(hcd_value_host(found->value)) || !hcd_sides_unanswered(sides);
}

/* A host whose answers could not be mistaken. 0, or the reason why there is none. */
HCD_INLINE int hcd_is_unmistakable(struct hcd_scratch* scratch, __u32 index) {
  return scratch->flow.alone || !hcd_conflicts(scratch, index);
}
HCD_INLINE int hcd_choose(struct hcd_scratch* scratch, __u32 index) {
  const int sticky = scratch->joined.flags & HCD_MORE_STICKY;
  if (sticky && !HCD_READ_ONCE(scratch->choice.resumes) && hcd_follow_lead(scratch) &&
      hcd_is_unmistakable(scratch, index))
    return 0;
  int reason = HCD_NO_HOST;
  for (__u32 attempt = 0; attempt < HCD_PICK_ATTEMPTS; attempt++) {
    if (!hcd_pick(scratch, index, attempt)) continue;
    if (hcd_is_unmistakable(scratch, index)) {
      /* Another CPU may be faster with this client's first connections. */
      if (!sticky || hcd_make_lead(scratch) || HCD_READ_ONCE(scratch->choice.resumes) || !hcd_follow_lead(scratch))
        return 0;
      if (hcd_is_unmistakable(scratch, index)) return 0;
    }
    reason = HCD_STATE_INSERT;
  }
  scratch->choice.host = 0;
  return reason;
}

/* A new state of the rule, with a host of its table as it is now; or userland has acknowledged a change meanwhile, and the
 * state is taken back. */
__noinline int hcd_open_by(struct hcd_scratch* scratch, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!scratch || !rule) return HCD_NO_HOST;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_choice* choice = &scratch->choice;
  const __u32 version = HCD_READ_ONCE(rule->version);
  const __u64 ring = HCD_READ_ONCE(rule->ring);
  if (!ring) return HCD_STATE_RACE; /* out of force since it was found */
  if (!choice->host || choice->ring != ring || choice->version != version) {
    choice->version = version;
    choice->ring = ring;
    const int refused = hcd_choose(scratch, index);
    if (refused) return refused;
  }
  scratch->found.rule = index;
  scratch->found.vport = flow->near[HCD_VIRTUAL].port;
  scratch->found.value = hcd_value(flow->now, choice->host, choice->sides);
  const int refused = hcd_insert(scratch);
  if (refused) return refused;
  scratch->joined.flags = 0; /* they are the state's now */
  if (HCD_READ_ONCE(rule->ring) != ring ||
      HCD_READ_ONCE(rule->version) != version) { /* the count was the barrier between store and look */
    scratch->end = hcd_end_of(flow, scratch->found.place, flow->key | index, HCD_KILLED);
    hcd_kill(&scratch->end);
    return HCD_STATE_RACE;
  }
  hcd_count_state(index, choice->host);
  return HCD_TRANSLATED;
}

/* The same, counted for the client's source before it is made, where the rule counts. */
HCD_INLINE int hcd_open_counted(struct hcd_scratch* scratch, const struct hcd_rule* rule, __u32 index) {
  const int counts = rule->flags & HCD_RULE_SOURCES;
  const int barred = counts ? hcd_join_sources(scratch, index) : 0;
  if (barred) return barred;
  const int reason = hcd_open_by(scratch, index);
  if (counts && scratch->joined.flags) hcd_part_sources(scratch);
  return reason;
}

/* The same, or the flow goes on without a state. */
HCD_INLINE int hcd_open_guarded(struct hcd_scratch* scratch, const struct hcd_rule* rule, __u32 index) {
  const int gone = hcd_go_in_flood(scratch, index);
  if (gone) return gone;
  const int reason = hcd_open_counted(scratch, rule, index);
  if (reason == HCD_MEMORY) return hcd_go_when_full(scratch, index);
  if (reason == HCD_TRANSLATED) hcd_note_open(scratch, index);
  return reason;
}

/* Two CPUs may each let the last one in. */
HCD_INLINE int hcd_has_its_states(const struct hcd_rule* rule, __u32 index) {
  const __u32 most = HCD_READ_ONCE(rule->max_states);
  const struct hcd_cursor* cursor = most ? bpf_map_lookup_elem(&hcd_cursors, &index) : 0;
  return cursor && HCD_READ_ONCE(cursor->states) >= most;
}

HCD_INLINE int hcd_open_once(struct hcd_scratch* scratch) {
  const __u32 index = hcd_match(&scratch->flow);
  const struct hcd_rule* rule = index ? hcd_rule(index) : 0;
  if (!rule) return HCD_PASSED;
  scratch->found.rule = index;
  const int flaw = hcd_flaw_of(&scratch->flow, rule);
  if (flaw) return flaw;
  if (scratch->choice.resumes) {
    const int reason = hcd_resume(scratch, index);
    if (reason) return reason;
  }
  if (hcd_has_its_states(rule, index)) return HCD_STATE_LIMIT;
  return hcd_open_guarded(scratch, rule, index);
}

HCD_INLINE int hcd_open(struct hcd_scratch* scratch) {
  scratch->choice.host = 0;
  scratch->choice.by_hash = hcd_has_unstored(scratch->flow.now);
  scratch->choice.sides = hcd_sides_new(scratch->flow.proto == HCD_PROTO_UDP);
  scratch->choice.resumes = !hcd_opens(scratch->flow.proto, scratch->flow.tcp);
  scratch->joined.flags = 0;
  scratch->joined.lead = 0;
  int reason = HCD_STATE_RACE;
  for (int attempt = 0; attempt < HCD_INSERT_ATTEMPTS && reason == HCD_STATE_RACE; attempt++) {
    if (attempt && hcd_find(scratch, HCD_VIRTUAL)) return HCD_TRANSLATED; /* another CPU was faster */
    reason = hcd_open_once(scratch);
  }
  return reason;
}

/* HCD_TRANSLATED: scratch->found is the state that a client's packet goes by; HCD_STATELESS: there is none, but what it would
 * say. Else what becomes of the packet. */
__noinline int hcd_admit(struct hcd_scratch* scratch) {
  if (!scratch) return HCD_NO_HOST;
  if (!hcd_find(scratch, HCD_VIRTUAL)) return hcd_open(scratch);
  const struct hcd_flow* flow = &scratch->flow;
  const struct hcd_found* found = &scratch->found;
  const struct hcd_rule* rule = hcd_rule(found->rule);
  if (!rule) return HCD_NO_HOST;
  if (!hcd_expired(flow->now, found->value, found->rule)) {
    const int flaw = hcd_flaw_of(flow, rule);
    if (flaw) return flaw;
    if (!hcd_opens(flow->proto, flow->tcp) || hcd_keeps(flow, found)) return HCD_TRANSLATED;
  }
  scratch->end = hcd_end_of(flow, found->place, flow->key | found->rule, HCD_EXPIRED);
  hcd_kill(&scratch->end);
  return hcd_open(scratch);
}

#endif
