/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Part of kmod/hcd_abi.h: states, their timeouts, the nodes of their sources, and how the packet path is told and tells
 * what becomes of them. */
#ifndef HCD_ABI_STATE_H
#define HCD_ABI_STATE_H

#include "kmod/hcd_abi.h"

#ifdef __cplusplus
namespace hcd::abi {
#endif

/* Timeouts, pf's names and order (pf.conf(5)); seconds where people speak, ticks in the maps. */
enum hcd_timeout_name {
  HCD_TM_TCP_FIRST,
  HCD_TM_TCP_OPENING,
  HCD_TM_TCP_ESTABLISHED,
  HCD_TM_TCP_CLOSING,
  HCD_TM_TCP_FINWAIT,
  HCD_TM_TCP_CLOSED,
  HCD_TM_UDP_FIRST,
  HCD_TM_UDP_SINGLE,
  HCD_TM_UDP_MULTIPLE,
  HCD_TM_SRC_TRACK,
  HCD_TM_FRAG,
  HCD_TM_COUNT
};

/* pf's defaults in that order, seconds (pf.conf(5)). */
#define HCD_TIMEOUT_DEFAULTS {120, 30, 86400, 900, 45, 90, 60, 30, 60, 0, 60}

/* hcd_timeout_sets: ARRAY, mmapable, by hcd_rule.timeouts. Set 0 holds the defaults (`set timeout`), written when the
 * maps are made. A state's timeout is scaled by hcd_pulse.factor. */
enum { HCD_MAX_TIMEOUT_SETS = 256 };
struct hcd_timeout_set {
  __u32 ticks[16]; /* by enum hcd_timeout_name, the rest 0 */
};
HCD_ASSERT_SIZE(hcd_timeout_set, 64);

/* States. hcd_states4, hcd_states6: ARRAY, mmapable. A client's address and port have HCD_RANKS buckets, the first of them
 * its home (hcd_flow_bucket in kmod/index.h); a state goes to the first that is not full of what is dear, there to the first
 * free way from hcd_flow_way on. What a packet of an established flow needs and writes stands in one cache line, and most
 * stand where they are looked for first.
 *   key    = client port << 16 | rule; the port as read from the packet, the rule in host order; 0 is free,
 *            HCD_RULE_BUSY is being written. The upper half is the client's address for IPv4, and for IPv6 the
 *            upper half of hcd_flow_hash (kmod/index.h) over its address and port.
 *   value  = last seen (tick) << 32 | host << 8 | client's state << 4 | server's state
 *   counts = of the client's packets, of the server's (kmod/count.h). Written by plain stores: where one direction of a flow
 *            comes in on two CPUs at once a packet may not be counted.
 * A reader reads key, value, key. Who wants an entry, or its death, swaps its key for the same with HCD_RULE_BUSY in the
 * lower 16 bits; whoever wins owns it, exchanges the value for 0 (only then is it certain which host it named), counts the
 * death in hcd_cursors and hcd_loads, and stores the new value and then the new key, or key 0. Who changes a
 * value otherwise only does so by compare-and-swap. An entry that is busy in two turns of the sweeper was left by a tool that
 * was killed in the midst: the sweeper frees it, and what it had not counted yet of rule and sources stays counted.
 * Expiry is lazy: an entry idle for longer than its state's timeout is dead to whoever looks, and the sweeper frees it;
 * ages are signed differences of ticks, and a tick from the future is of age 0. */
struct hcd_state4 {
  __u64 key;
  __u64 value;
  __u64 counts[2];
};

/* What a packet rarely needs: birth, port and flags are in before the key. A state's id, for people: hcd_state_id in
 * kmod/count.h. */
enum hcd_more_flags {
  HCD_MORE_SOURCE = 1,  /* counted in its source's node of this rule */
  HCD_MORE_CONN = 2,    /* and as a connection, in the node that has the limits */
  HCD_MORE_STUCK = 4,   /* the sweeper found the entry busy in its last turn */
  HCD_MORE_STICKY = 8,  /* its host came from a source node */
  HCD_MORE_GLOBAL = 16, /* counted in its source's global node */
};
struct hcd_more {
  __u32 birth;  /* tick */
  __be16 vport; /* the virtual port */
  __u16 flags;  /* enum hcd_more_flags */
};
HCD_ASSERT_SIZE(hcd_more, 8);

struct hcd_state6 {
  __u64 key;
  __u64 value;
  __u64 counts[2];
  __u64 addr[2]; /* as read from the packet */
  struct hcd_more more;
  __u64 reserved;
};
struct hcd_bucket4 {
  struct hcd_state4 way[HCD_WAYS];
  struct hcd_more more[HCD_WAYS];
};
HCD_ASSERT_SIZE(hcd_bucket4, 320);
struct hcd_bucket6 {
  struct hcd_state6 way[HCD_WAYS];
};
HCD_ASSERT_SIZE(hcd_bucket6, 512);

/* hcd_large: ARRAY, mmapable: what was in the counts of the few states that ever filled them. A state's place is one of
 * HCD_LARGE_PROBES (hcd_large_at in kmod/count.h), and that of the state that was born first is taken where none is free. */
enum { HCD_LARGE = 1 << 12, HCD_LARGE_PROBES = 4 };
struct hcd_large {
  __u64 id; /* the state's; 0: free */
  __u64 packets[2];
  __u64 bytes[2];
  __u64 reserved[3];
};
HCD_ASSERT_SIZE(hcd_large, 64);

/* hcd_spills4, hcd_spills6: ARRAY, mmapable, a byte a home bucket (home / 64, then home % 64, of each word the lowest first).
 * Each half of it has a bit for each rank (kmod/index.h): where that is clear in both, no state with that home stands in its
 * bucket of that rank, or of home itself beyond the line that is looked at first, and nobody needs to look there. Who puts a
 * state there sets both, before and after. The sweeper makes one of the halves anew in each turn, now this, now that, while
 * the other holds. */
struct hcd_spill {
  __u64 homes[8];
};
HCD_ASSERT_SIZE(hcd_spill, 64);

/* hcd_sources: ARRAY, mmapable: source nodes, for sticky-address and for limits of sources. A node's place is one of
 * HCD_SOURCE_PROBES from hcd_source_hash & (sources - 1) on. It lives while it has states, and then for src.track.
 *   key = upper half of hcd_source_hash << 32 | rule (HCD_SOURCE_GLOBAL: the node of all rules that track globally) << 8 |
 *         family (4 or 6; HCD_SOURCE_BUSY: the node is being made or taken away); 0 is free.
 * Who frees a node makes its key a busy one, and looks at `states` afterwards: only without any may it be 0. Nothing is ever
 * stored to `states`. kmod/source.h makes and reads key and lead. */
enum { HCD_SOURCE_PROBES = 8, HCD_SOURCE_GLOBAL = 0xfffe, HCD_SOURCE_BUSY = 1, HCD_RATE_ONE = 1000 };
struct hcd_source {
  __u64 key;
  __u64 addr[2];    /* as read from the packet */
  __u64 lead;       /* sticky: hcd_rule.version << 32 | the host that was in the rule's table then; 0: none */
  __u32 states;     /* live */
  __u32 conns;      /* of those, TCP connections that completed their handshake */
  __u32 seen;       /* tick of the last state's birth or death */
  __u32 birth;      /* tick */
  __u32 rate_since; /* tick of the last connection */
  __u32 rate;       /* connections in the rule's time, as pf estimates it, in parts of HCD_RATE_ONE */
  __u32 track;      /* src.track in ticks */
  __u32 reserved;
};
HCD_ASSERT_SIZE(hcd_source, 64);

/* TCP states of one side, pf's names and order (pf(4), tcp_fsm.h) so that tools print the same words. */
enum hcd_tcp_state {
  HCD_CLOSED = 0,
  HCD_LISTEN = 1,
  HCD_SYN_SENT = 2,
  HCD_SYN_RECEIVED = 3,
  HCD_ESTABLISHED = 4,
  HCD_CLOSE_WAIT = 5,
  HCD_FIN_WAIT_1 = 6,
  HCD_CLOSING = 7,
  HCD_LAST_ACK = 8,
  HCD_FIN_WAIT_2 = 9,
  HCD_TIME_WAIT = 10,
  HCD_CUT = 11,  /* ours, of both sides at once: a packet of either end has both told by resets (kmod/reset.bpf.h), */
  HCD_TOLD = 12, /* which the other has been; the server's side then says so */
};

/* The same for UDP (pf: PFUDPS_). */
enum hcd_udp_state { HCD_NO_TRAFFIC = 0, HCD_SINGLE = 1, HCD_MULTIPLE = 2 };

/* hcd_settings: ARRAY of one, mmapable. What userland may change while packets run. */
enum hcd_settings_flags {
  HCD_ANY_PORT_RULES = 1, /* some rule stands in the index at port 0: look there too */
  HCD_ANY_PORT_HOSTS = 2, /* some host does */
};
/* When a new flow finds no free place, nor a state that is over: the oldest half-open one goes, and if there is none the flow
 * is dropped; it is dropped at once, but in a flood; the oldest half-open one goes, and if there is none the flow goes on
 * without a state. */
enum hcd_when_full { HCD_EVICT_HALF_OPEN = 0, HCD_REFUSE = 1, HCD_BY_HASH = 2 };
struct hcd_settings {
  __u32 flags;          /* enum hcd_settings_flags */
  __u32 when_full;      /* enum hcd_when_full */
  __u32 adaptive_start; /* live states from which timeouts shrink; 0: never */
  __u32 adaptive_end;   /* and at which they are 0 */
  __u32 flood_inserts;  /* new TCP states in a tick, beyond which SYNs go on by hash, unstored; 0: never */
  __u32 watch_until;    /* tick: until then states' births and deaths go to hcd_events. 0: nobody reads */
  __u32 sample_until;   /* tick: the same for decisions, */
  __u32 sample_one_in;  /* one packet in so many, by chance; 0, 1: each */
  __u32 events_reader;  /* pid of who reads, and keeps one of those ticks ahead */
  /* Next hops are remembered while this is odd, and no change of links, neighbours, routes or routing rules leaves it as it
   * was: one that was found under another number is asked for again. Even: some routing rule may choose a way by more than
   * the destination, and each packet asks. */
  __u32 hop_generation;
  __u32
      hop_until; /* tick: until then somebody watches for them. Afterwards a next hop is remembered for its tick only */
  __u32
      chain_moves; /* has grown after each store that put a rule in or out of force: who walked meanwhile walks again */
  __u64 sample_reasons; /* decisions: of which, 1 << enum hcd_reason; 0: of all */
  __u32 reserved[2];
};
HCD_ASSERT_SIZE(hcd_settings, 64);

/* hcd_pulse: ARRAY of one, mmapable. What the packet path and the sweeper write. */
enum { HCD_FACTOR_ONE = 1024, HCD_PRESSURE_TICKS = 160 /* after which a flood, or a full table, is over */ };
struct hcd_pulse {
  __u32 sources;               /* live source nodes */
  __u32 factor;                /* of timeouts, in parts of HCD_FACTOR_ONE */
  __u32 inserts_tick, inserts; /* new TCP states in that tick, counted where hcd_settings.flood_inserts is not 0 */
  __u32 flood_until;           /* tick: until then flows that are not stored may be under way. 0: none was ever */
  __u32 swept_tick;            /* when the sweeper last ran */
  __u32 turns;                 /* whole turns of the sweeper over the tables */
  __u32 position;              /* what is next: of hcd_spills4 and 6, then of hcd_states4, then of hcd_states6 */
  __u32 longest_ns;            /* the longest slice of a turn ever */
  __u32 lost_events;           /* that found hcd_events full */
  __u64 sweeping_ns;           /* slices of turns, all together */
  __u64 user_killed;           /* states, by userland; counted before they are gone */
  __u32 overloads;             /* addresses that the packet path has put into tables */
  __u32 flush_walks;           /* walks over all states for clients that are to be flushed, begun */
  __u32 flush_left;            /* buckets of the walk under way; 0: none is */
  __u32 flush_wanted;          /* a client has come in since it began */
  __u32 flood_seen;            /* tick: the last in which a SYN went unstored because there were so many, */
  __u32 full_seen;             /* and in which a new flow found no room. 0: in none */
};
HCD_ASSERT_SIZE(hcd_pulse, 80);

/* hcd_events: RINGBUF, for one reader at a time (fastpath/bpf/events), who asks for a time in hcd_settings and asks again before
 * that is over. Births and deaths of a state are told in this order, and of states that stand at one place one after the other:
 * a birth before the state can be found, a death before its place is free. Not told is
 *   what found the ring full: hcd_pulse.lost_events counts it;
 *   the death of a state that a tool takes away, which cannot write to the ring: hcd_pulse.user_killed counts those.
 * Who keeps a copy of the states looks at both counters after what it has read, and where one has grown walks over all. */
enum hcd_event_kind { HCD_EVENT_BIRTH = 1, HCD_EVENT_DEATH, HCD_EVENT_OVERLOAD, HCD_EVENT_DECISION };
enum hcd_hook { HCD_HOOK_XDP = 1, HCD_HOOK_TC };
struct hcd_event {
  __u64 id; /* the state's, hcd_state_id: of a birth, a death */
  __u32 tick;
  __u8 kind;     /* enum hcd_event_kind */
  __u8 family;   /* 4, 6 */
  __u8 proto;    /* of a decision that is about an ICMP error ICMP's, and there are no ports then */
  __u8 reason;   /* enum hcd_reason: of a death, a decision */
  __u64 addr[2]; /* the client's, or of a decision the source's; as read from the packet */
  __u64 dst[2];  /* the virtual address, or the destination; none of an overload */
  __be16 port;   /* the client's, or the source's */
  __be16 dport;  /* the virtual port, or the destination's */
  __u32 rule;    /* 0: none */
  __u32 host;    /* 0: none */
  __u32 table;   /* overload: to which the source was added */
  __u32 ifindex; /* of a decision: where the packet came in */
  __u8 sides;    /* of a state: client's << 4 | server's; of a death the last */
  __u8 flags;    /* of a decision: TCP's */
  __u8 hook;     /* of a decision: enum hcd_hook */
  __u8 reserved;
  __u64 packets[2], bytes[2]; /* of a death; of a decision bytes[0] alone */
};
HCD_ASSERT_SIZE(hcd_event, 104);

#ifdef __cplusplus
}  // namespace hcd::abi
#endif
#endif
