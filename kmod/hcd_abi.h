/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Every struct, enum and limit that the packet programs share with userland: here rules, hosts and the way to them, in
 * kmod/abi_state.h what is remembered of flows, in kmod/abi_names.h what only people read. Both sides compile these
 * files; the size of each struct is asserted, and HCD_LAYOUT changes with any of them, so that a new binary knows whether
 * it can adopt pinned maps.
 *
 * The road of a packet:
 *   destination (addr, port, proto) -> hcd_vips       -> rule           the client's direction
 *   source      (addr, port, proto) -> hcd_endpoints  -> host           the server's direction
 *   (client addr, client port)      -> state buckets -> one entry, found by rule in the first case, by host in the second
 *   a new flow: rule.ring -> hcd_rings[slot] -> host, stored in one of the buckets
 *
 * One entry serves both directions, so the two cannot disagree, and a place for a flow costs 40 bytes (IPv4) or 64 (IPv6),
 * its counters included.
 * Address and port fields are in network order unless a comment says otherwise.
 */
#ifndef HCD_ABI_H
#define HCD_ABI_H

#ifdef __cplusplus
#include <linux/types.h>
namespace hcd::abi {
#define HCD_ASSERT_SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#else
#include <linux/types.h>
#define HCD_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
#endif

enum { HCD_LAYOUT = 14 };

/* Lengths include the final NUL; the limits are pf's: table 31, anchor component 63, label and tag 63. */
enum { HCD_TABLE_NAME = 32, HCD_ANCHOR_NAME = 128, HCD_LABEL = 64, HCD_TAG = 64, HCD_IFNAME = 16 };

/* Defaults; userland sizes the maps before load and writes what it chose into hcd_globals. Rule and host 0: none. */
enum {
  HCD_MAX_ANCHORS = 512,
  HCD_MAX_TABLES = 1024,
  HCD_MAX_RULES = 16384,       /* below HCD_RULE_BUSY */
  HCD_MAX_HOSTS = 65536,       /* below 1 << 24 */
  HCD_MAX_MEMBERS = 65536,     /* addresses in all tables */
  HCD_RING_LINES = 65536,      /* of HCD_RING_LINE slots each, for all rules, both halves */
  HCD_STATE_BUCKETS = 1 << 16, /* IPv4 and IPv6 each, HCD_WAYS states a bucket; a power of two, HCD_RANKS at least */
  HCD_INDEX_LINES = 1 << 15,   /* of hcd_vips and of hcd_endpoints each; a power of two, an entry or three a line */
  HCD_HOPS = 1 << 14,          /* next hops that each CPU remembers; a power of two */
  HCD_MAX_IFINDEX = 1024,      /* links above it are served by tc alone */
  HCD_MAX_SOURCES = 1 << 14,   /* source nodes; a power of two */
  HCD_MAX_NETWORKS = 1 << 18,  /* in hcd_networks4, and in hcd_networks6 */
  HCD_EVENT_BYTES = 1 << 20,   /* of the ring buffer of events; a power of two */
};
enum { HCD_WAYS = 8, HCD_RANKS = 4, HCD_RING_LINE = 16, HCD_RULE_BUSY = 0xffff };
enum { HCD_LINE_WAYS4 = 2, HCD_LINE_WAYS6 = 1 }; /* states in a cache line */
enum { HCD_CHAIN = 64 };                         /* rules for one destination at most */

/* hcd_vips and hcd_endpoints: ARRAY, mmapable, an index each, because two look-ups in a HASH cost more than the rest.
 * An entry is tag << 32 | rule or host; 0 is free, a tag with index 0 is a grave. Its line is hash & mask, or the next
 * line where that one was full; kmod/index.h has the hash, put and remove. The endpoint itself is compared with
 * hcd_rule.to or hcd_host.at: fill in the record, then put; remove, then change the record. One endpoint may have
 * several rules as long as their interfaces differ. */
enum { HCD_INDEX_WAYS = 8 };
struct hcd_index_line {
  __u64 entry[HCD_INDEX_WAYS];
};
HCD_ASSERT_SIZE(hcd_index_line, 64);

struct hcd_endpoint {
  __u8 addr[16]; /* IPv4: the first four bytes, the rest zero */
  __be16 port;   /* 0 in the indexes: any port, for rules of many ports and the hosts that such rules translate to */
  __u8 proto;    /* IPPROTO_TCP, IPPROTO_UDP */
  __u8 family;   /* 4 or 6 */
};
HCD_ASSERT_SIZE(hcd_endpoint, 20);

enum hcd_method {
  HCD_ROUND_ROBIN = 0,
  HCD_SOURCE_HASH = 1,  /* of the source address, on a Maglev ring */
  HCD_RANDOM = 2,       /* any slot of a round-robin ring */
  HCD_LEAST_STATES = 3, /* the ring holds each host once, as pairs of slots: host, weight */
  HCD_HASH = 4,         /* of both addresses, both ports and the protocol, on a Maglev ring */
};

enum hcd_rule_flags {
  HCD_RULE_PORTS = 1,         /* serves ports first to last; stands in the index at port 0, its states note the port */
  HCD_RULE_SHIFT = 2,         /* the host's port is target + (port - first), not target alone */
  HCD_RULE_FROM = 4,          /* only for clients in the table `from`, looked up in hcd_networks4 or 6 */
  HCD_RULE_FROM_NOT = 8,      /* only for clients that are not in it */
  HCD_RULE_STICKY = 16,       /* sticky-address: a source node remembers the host */
  HCD_RULE_SOURCE_TRACK = 32, /* limits for each source, counted by source nodes of this rule */
  HCD_RULE_TRACK_GLOBAL = 64, /* the same, of nodes that all rules with this flag share */
  HCD_RULE_KEEP_TTL = 128,    /* the time to live is not decremented, as pf does not; else as a router does */
  HCD_RULE_SLOPPY = 256,      /* states go on where only one direction is seen (pf: sloppy) */
};

enum hcd_flush { HCD_FLUSH_NONE = 0, HCD_FLUSH_RULE = 1, HCD_FLUSH_GLOBAL = 2 };

/* hcd_rules: ARRAY, mmapable. What the packet path reads of a rule; its names are in hcd_rule_info. The first line is
 * read for each packet, the second for new flows. Rules for one destination (address, port or 0, protocol) form a chain
 * by `next` in the order of evaluation, and the first that matches interface and source is the packet's; the index
 * holds the head alone. The chain of a packet's own port goes before the chain of port 0.
 *
 * In force a record changes only in `ring`, `version`, `ifindex`, the timeouts and the limits. For anything else userland makes a new
 * rule, puts it into the chain before the old one and that out of force, so no packet meets half a change. A rule that is
 * not in force stays in the chain as long as it has states: a new flow goes on to the next, but an existing one belongs to
 * whichever rule of its chain it has a state by, whatever the source and interface. */
struct hcd_rule {
  /* Base line << 32 | slots in use: one aligned store puts a rule in force, switches its table, or takes it out.
   * No slots but a base: the table is empty, a new flow is dropped, as pf does. All zero: the rule is not in force, a
   * new flow passes as if there were no rule, and the states that it made live on. Line 0 is never given to a rule.
   *
   * A host that left gets no new state once the store is done, without a grace period: who stores a new state reads this
   * word again afterwards, and when it is not the one that the host was picked by, takes the state back and begins again.
   * Lines that were in force are not written to before a grace period has passed. */
  __u64 ring;
  __u32 ifindex; /* 0: any interface */
  __u32 flags;   /* enum hcd_rule_flags */
  struct hcd_endpoint to;
  __u16 first, last; /* HCD_RULE_PORTS: host order */
  __u32 next;        /* the next rule of the chain, 0: none */
  __u32 timeouts;    /* index of its set in hcd_timeout_sets; 0 holds the defaults */
  __u32 from;        /* table index */
  __u32 method;      /* enum hcd_method */
  __u16 target;      /* the host's port, host order; 0: the packet's own */
  __u16 reserved0[3];

  __u64 hash_key[2];    /* source-hash, hash: SipHash key */
  __u32 max_states;     /* live states of this rule; 0: no limit. The same holds for those below, of sources */
  __u32 max_src_nodes;  /* of this rule */
  __u32 max_src_states; /* of one source */
  __u32 max_src_conn;   /* TCP connections of one source that completed their handshake */
  __u32 max_src_rate;   /* of such connections in rate_ticks */
  __u32 rate_ticks;
  __u32 overload;    /* table index: sources over max_src_conn or max_src_rate are added; 0: none */
  __u32 flush;       /* enum hcd_flush: whether their states die */
  __u32 established; /* ticks; 0: as the set says */
  __u32 version;     /* of the table: raised before and after each change of `ring` */
  __u32 reserved1[2];
};
HCD_ASSERT_SIZE(hcd_rule, 128);

/* hcd_networks4, hcd_networks6: LPM_TRIE, the networks of tables that rules name as their source or for overload. Not mapped:
 * written by update and delete. The value: enum hcd_network_kind, and of HCD_OVERLOADED the tick << 2. */
enum hcd_network_kind {
  HCD_MEMBER = 1,
  HCD_EXCEPTION = 2,  /* pf's "!" */
  HCD_OVERLOADED = 3, /* a member that the packet path has put in, with the lower 30 bits of the tick */
};
struct hcd_network4_key {
  __u32 prefix; /* 32 for the table + the network's own length */
  __u32 table;  /* index */
  __u8 addr[4];
};
HCD_ASSERT_SIZE(hcd_network4_key, 12);
struct hcd_network6_key {
  __u32 prefix;
  __u32 table;
  __u8 addr[16];
};
HCD_ASSERT_SIZE(hcd_network6_key, 24);

/* hcd_cursors: ARRAY, one a rule, written by the packet path alone (a rule's record is rewritten, its place is not). */
struct hcd_cursor {
  __u64 next;    /* round-robin: slot of the next new state, taken by fetch-and-add */
  __u32 states;  /* live, counted at birth and death; who kills a state counts too */
  __u32 sources; /* live source nodes */
};
HCD_ASSERT_SIZE(hcd_cursor, 16);

/* hcd_loads: ARRAY, mmapable, one a host, written as hcd_cursors is. How many states there are in all is the sum of these, as each
 * has one host: a count of all would be one more that all CPUs write for each new flow. */
struct hcd_load {
  __u32 states; /* live; here in all layouts */
  __u32 reserved;
};
HCD_ASSERT_SIZE(hcd_load, 8);

/* hcd_rings: ARRAY, mmapable. A rule's slots are consecutive lines from its base. */
struct hcd_ring_line {
  __u32 host[HCD_RING_LINE];
};
HCD_ASSERT_SIZE(hcd_ring_line, 64);

enum hcd_host_flags {
  HCD_HOST_USED = 1, /* the index is taken; it is not given again while a state names it */
  HCD_HOST_DOWN = 2, /* in no rule's table: unanswered states pick again, answered ones live on */
};

/* hcd_hosts: ARRAY, mmapable. One endpoint (address, port, protocol), whatever tables and rules lead to it. */
struct hcd_host {
  struct hcd_endpoint at;
  __u32 flags; /* enum hcd_host_flags */
  __u32
      rule; /* the only rule that leads here, 0: none or several. Its address is the source of answers that have no state */
  __u32 reserved0;
  __u64 reserved[4];
};
HCD_ASSERT_SIZE(hcd_host, 64);

/* hcd_reasons: PERCPU_ARRAY of __u64, what became of each packet that was, or could have been, ours. */
enum hcd_reason {
  HCD_PASSED = 0,   /* not ours, left untouched */
  HCD_TRANSLATED,   /* rewritten and sent on */
  HCD_CREATED,      /* of those: made a state */
  HCD_TO_TC,        /* XDP left it, untouched, to tc: partial checksum, unknown neighbour, a link without redirect */
  HCD_SHORT,        /* dropped: cut off within the headers */
  HCD_FRAGMENT,     /* dropped: a later fragment that would write over what the first holds */
  HCD_TTL,          /* dropped: time to live or hop limit would reach zero */
  HCD_NO_HOST,      /* dropped: the rule's table is empty */
  HCD_NO_STATE,     /* dropped: to our address, but no state and not the first packet of one */
  HCD_NO_ROUTE,     /* dropped: no route to the host or the client */
  HCD_STATE_LIMIT,  /* dropped: the rule has its `max` of states */
  HCD_TOO_BIG,      /* dropped: larger than the next hop's MTU */
  HCD_STATE_INSERT, /* dropped: the client's port leads to the hosts tried by another rule already (pf: state-insert) */
  HCD_STATE_RACE,   /* dropped: another CPU was making this very state; the client's next SYN finds it */
  HCD_BAD_OFFSET,   /* dropped: a fragment that says it is where none can be */
  HCD_MEMORY,    /* dropped: its buckets are full, and hcd_settings.when_full has nothing better */
  HCD_SRC_LIMIT, /* dropped: a limit of sources, or no room for a source node */
  HCD_RESET,     /* answered with a reset: its state was cut */
  HCD_STATELESS, /* of those translated: by hash, without a state */
  HCD_EXPIRED,   /* states, not packets: removed because their time was over, or their connection, */
  HCD_EVICTED,   /* because a new flow needed the room of a half-open one, */
  HCD_KILLED,    /* or by a reset, a flush or a change of the rules. Those that userland kills are in hcd_pulse */
  HCD_DELIVERED, /* to a host that is this machine: left untouched, its first packet given to the listener there */
  HCD_ICMP_ERROR,     /* of those translated: an ICMP error about a flow of ours */
  HCD_ERROR_SENT,     /* of those dropped: answered with an ICMP error */
  HCD_ERROR_LIMIT,    /* and of those that should have been, but there were too many, or it was not for us to answer */
  HCD_PIECES,         /* of those translated: fragments */
  HCD_STASHED,        /* of those passed: fragments of which a copy waits for the first of their packet */
  HCD_FRAGMENT_LIMIT, /* and those that came before it, but there was no room for a copy */
  HCD_NORMALIZE,      /* dropped: TCP flags that make no sense together */
  /* Not packets: what is done about source nodes, and how often a limit of sources was met. */
  HCD_SOURCE_SEARCHES,
  HCD_SOURCE_CREATED,
  HCD_SOURCE_REMOVED,
  HCD_LIMIT_SRC_STATES,
  HCD_LIMIT_SRC_NODES,
  HCD_LIMIT_SRC_CONN,
  HCD_LIMIT_SRC_RATE,
  HCD_LIMIT_OVERLOAD, /* put into a table, */
  HCD_LIMIT_FLUSH,    /* and of these, whose states are to end */
  HCD_FLOODS,         /* how often SYNs came to be more than hcd_settings.flood_inserts; */
  HCD_SYN_UNSTORED,   /* of the packets without a state: SYNs; */
  HCD_SYN_RESUMED,    /* of the states that were made: after such a SYN, by the client's next packet; */
  HCD_AMBIGUOUS,      /* flows that could not go on without, as their host's answers could be another's */
  HCD_REASONS
};

/* hcd_rule_stats, hcd_host_stats: PERCPU_ARRAY; [0] from clients, [1] from servers. Bytes are of the IP packet. */
struct hcd_stats {
  __u64 packets[2];
  __u64 bytes[2];
  __u64 states;      /* created */
  __u64 evaluations; /* rules: new flows that asked for a host */
};
HCD_ASSERT_SIZE(hcd_stats, 48);

enum hcd_link_flags {
  HCD_LINK_XDP_TARGET = 1,   /* XDP may redirect to it: its driver, or its veth peer, takes such frames */
  HCD_LINK_VLANS = 4,        /* VLANs on it have interfaces of their own, to which tagged frames are left */
  HCD_LINK_PARTIAL_CSUM = 2, /* veth and the like: packets may arrive with the checksum still to be filled in */
};

/* hcd_links: ARRAY, mmapable, by ifindex. */
struct hcd_link {
  __u32 flags;
  __u32 mtu;
};
HCD_ASSERT_SIZE(hcd_link, 8);

/* hcd_globals: ARRAY of one, mmapable. Written once when the maps are made; the counters at the end by each daemon. */
struct hcd_globals {
  __u32 layout;       /* HCD_LAYOUT */
  __u32 tick_shift;   /* tick = jiffies >> tick_shift */
  __u64 tick_ns;      /* length of a tick */
  __u64 tick_zero_ns; /* CLOCK_MONOTONIC when the tick counter was 0 */
  __u64 seed[2];      /* of the state buckets' hash */
  __u64 since;        /* seconds since the epoch when enabled */
  __u64 generation;   /* of the names, two a commit: odd while one is under way, and readers wait */
  __u32 buckets;      /* of each state map */
  __u32 vip_lines, endpoint_lines;
  __u32 ring_lines;
  __u32 max_rules, max_hosts, max_members, max_tables, max_anchors;
  __u32 daemon_pid; /* of the parent that owns the anchors, 0 when none */
  __u32 sources;    /* places of hcd_sources */
  __u32 reserved;
};
HCD_ASSERT_SIZE(hcd_globals, 104);

/* The packet programs' read-only data: skel->rodata->hcd_config, set before load and in agreement with hcd_globals. */
struct hcd_config {
  __u64 seed[2];       /* hcd_globals.seed */
  __u32 bucket_mask;   /* hcd_globals.buckets - 1 */
  __u32 vip_mask;      /* hcd_globals.vip_lines - 1 */
  __u32 endpoint_mask; /* hcd_globals.endpoint_lines - 1 */
  __u32 hop_mask;      /* entries of hcd_hops - 1 */
  __u32 tick_shift;
  __u32 flags;         /* 0; reserved */
  __u32 source_mask;   /* hcd_globals.sources - 1 */
  __u32 sweep_buckets; /* in one slice */
  __u32 sweep_every;   /* microseconds between slices */
  __u32 reserved[3];
};
HCD_ASSERT_SIZE(hcd_config, 64);

#ifdef __cplusplus
}  // namespace hcd::abi
#endif

/* IWYU pragma: begin_exports */
#include "kmod/abi_names.h"
#include "kmod/abi_state.h"
/* IWYU pragma: end_exports */
#endif
