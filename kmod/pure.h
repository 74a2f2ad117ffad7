/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What the pure headers share. They call no helper: the packet programs compile them for BPF, userland and the tests
 * natively as C++, where C's casts are no fault. */
#ifndef HCD_PURE_H
#define HCD_PURE_H

#include "kmod/hcd_abi.h"

#define HCD_INLINE static inline __attribute__((always_inline, unused))

#ifdef __cplusplus
#define HCD_PURE_BEGIN                                                                  \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wold-style-cast\"") \
      _Pragma("GCC diagnostic ignored \"-Wconversion\"") namespace hcd::abi {
#define HCD_PURE_END \
  }                  \
  _Pragma("GCC diagnostic pop")
#else
#define HCD_PURE_BEGIN
#define HCD_PURE_END
#endif

#endif
