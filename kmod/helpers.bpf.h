/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The kernel's helpers, in the one order in which their headers can be included. */
#ifndef HCD_HELPERS_BPF_H
#define HCD_HELPERS_BPF_H

/* clang-format off */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
/* clang-format on */

#endif
