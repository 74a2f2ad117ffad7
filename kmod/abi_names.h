/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Part of kmod/hcd_abi.h: what only people and tools read. */
#ifndef HCD_ABI_NAMES_H
#define HCD_ABI_NAMES_H

#include "kmod/abi_state.h"

#ifdef __cplusplus
namespace hcd::abi {
#endif

/* Names, for the tools: ARRAY, mmapable; the packet path never reads them. Unused: an empty name, or table 0. */
struct hcd_anchor_info {
  char name[HCD_ANCHOR_NAME]; /* "hcd/www" */
};
struct hcd_table_info {
  char name[HCD_TABLE_NAME];
  __u32 anchor; /* index, from 1 */
  __u32 addresses;
  __u64 cleared; /* seconds since the epoch */
  __u32 flags;   /* enum hcd_table_flags */
  __u32 reserved;
};
HCD_ASSERT_SIZE(hcd_table_info, 56);
enum hcd_table_flags {
  HCD_TABLE_PERSIST = 1,
  HCD_TABLE_CONST = 2,
  HCD_TABLE_HIDDEN = 4, /* the networks that a rule names itself; its name is the rule's number */
  HCD_TABLE_SOURCE = 8, /* a rule's source: its networks are in hcd_networks4 and 6 */
};
struct hcd_member {
  __u32 table; /* index, from 1; 0: unused */
  __u32 weight;
  __u8 addr[16];
  __u8 family;
  __u8 prefix;  /* bits of the network; 32 or 128 for an address */
  __u8 negated; /* pf's "!" */
  __u8 reserved[5];
  __u64 cleared;
};
HCD_ASSERT_SIZE(hcd_member, 40);
struct hcd_rule_info {
  char label[HCD_LABEL];
  char tag[HCD_TAG];
  char interface[HCD_IFNAME]; /* empty: any */
  __u32 anchor;               /* index, from 1; 0: unused */
  __u32 table;
  __u32 number;      /* place in its anchor, from 0 */
  __u32 established; /* seconds; 0: pf's default */
  __be16 target_port;
  __u8 has_key; /* source-hash with a key that the operator gave */
  __u8 has_timeout[HCD_TM_COUNT];
  __u8 sloppy;
  __u8 reserved0;
  __u32 timeout[HCD_TM_COUNT]; /* seconds, where has_timeout */
  __u32 max_src_rate_seconds;
  __u32 inserted_pid, inserted_uid; /* who loaded it */
  __u32 reserved1[2];
};
HCD_ASSERT_SIZE(hcd_rule_info, 240);

#ifdef __cplusplus
}  // namespace hcd::abi
#endif
#endif
