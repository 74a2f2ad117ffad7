/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * A flow while one of its packets is looked at. */
#ifndef HCD_FLOW_H
#define HCD_FLOW_H

#include "kmod/parse.h"

/* An end of the flow on our side of it. */
enum { HCD_VIRTUAL = 0, HCD_HOST = 1 };
struct hcd_near {
  __u64 addr[2];
  __be16 port;
};

/* What does not change while one packet is looked at. */
struct hcd_flow {
  __u64 key;               /* of the client's entries, without a rule */
  __u64 addr[2];           /* the client's */
  struct hcd_near near[2]; /* a client's packet has the virtual end, a server's the host's */
  __u64 near_hash;         /* of the virtual end, in the index; */
  __u32 lead;              /* and the rule that it seems to lead to */
  __u64 hash;              /* of the client's end: its buckets and ways */
  __u32 now;
  __u32 ifindex;
  __be16 port; /* the client's */
  __u8 six;
  __u8 proto;
  __u8 tcp;     /* TCP's flags */
  __u8 flaw;    /* why a packet that is ours can go no further; 0: it can */
  __u8 spent;   /* the same where its time to live counts */
  __u8 alone;   /* the client has no state at all */
  __u8 spilled; /* a bit for each rank of bucket where its states may stand; of home beyond the first line */
};

/* A place is rank * HCD_WAYS + way. */
enum { HCD_PLACES = HCD_RANKS * HCD_WAYS };

/* A state that was found, or made. */
struct hcd_found {
  __u64 value;
  __u32 rule;
  __u32 place;
  __be16 vport; /* the virtual port */
};

/* A host for a new flow, and the ring by which it was picked, from the slot of that number on. */
struct hcd_choice {
  __u64 ring;
  __u64 number;
  __u32 version; /* hcd_rule.version, from before the ring */
  __u32 host;
  __u32 by_hash;      /* by no method but a hash: kmod/guard.bpf.h, */
  __u32 resumes;      /* and for a packet in the midst of a connection. */
  __u32 sides;        /* What the new state says of both */
  __u32 load, weight; /* least-states: of the host that is the best so far */
};

/* The source nodes that count a state which is to be made: in what becomes its hcd_more.flags. */
struct hcd_joined {
  __u64 lead;  /* sticky: where the rule's node led when it was looked at */
  __u32 place; /* of the rule's node, with HCD_MORE_SOURCE */
  __u32 rule;
  __u16 flags;
};

/* A state that is to end, in its bucket. */
struct hcd_end {
  __u64 key;
  __u32 at;
  __u32 way;
  __u8 six;
  __u8 reason; /* HCD_EXPIRED, HCD_EVICTED, HCD_KILLED */
};

/* Whose source node: a client's, by the rule or HCD_SOURCE_GLOBAL. */
struct hcd_owner {
  __u64 addr[2];
  __u32 rule;
  __u32 six;
};

/* The cheapest place for a new state, to be had as long as its key is this one; worth -1: there is none. */
struct hcd_victim {
  __u64 key;
  __s64 worth;
  __u32 place;
};

/* All that the functions know who have to do with one packet: the stack of 512 bytes is for them together. */
struct hcd_scratch {
  struct hcd_packet packet;
  struct hcd_flow flow;
  struct hcd_found found;
  struct hcd_choice choice;
  struct hcd_victim victim;
  struct hcd_joined joined;
  struct hcd_owner owner;
  struct hcd_end end;
};

#endif
