/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What the driver program writes before each run; shared with its kernel side. */
#pragma once
#include <linux/types.h>

enum { DRIVE_WORDS = 10 }; /* of eight bytes: all headers of either family */

struct drive_plan {
  __u64 frame[DRIVE_WORDS];
  __u32 flow;
  __u32 flows;               /* a power of two, visited in a scattered order; 0: every run is another flow */
  __u32 address_at, port_at; /* where the client's address ends in four bytes that vary, and its port */
  __u32 server_at;           /* the last byte of the server's address, or 0 */
  __u32 vip_at;              /* the last two bytes of the virtual address, or 0: it does not vary */
  __u32 vips;                /* a power of two: how many, the first ends in two zero bytes */
  __u32 length;              /* of the frame, which a program that encapsulates makes longer; 0: none does */
};
