/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The ports of rules that serve many of them. The packet path translates by it, tools print by it. */
#ifndef HCD_PORTS_H
#define HCD_PORTS_H

#include "kmod/pure.h"

HCD_PURE_BEGIN

HCD_INLINE __u16 hcd_swap16(__u16 x) {
  return __builtin_bswap16(x);
}

/* Whether the rule serves this port, of its own endpoint's address. */
HCD_INLINE int hcd_serves_port(const struct hcd_rule* rule, __be16 vport) {
  const __u16 port = hcd_swap16(vport);
  return rule->flags & HCD_RULE_PORTS ? port >= rule->first && port <= rule->last
                                      : !rule->to.port || rule->to.port == vport;
}

/* The port of the host that a flow of the rule to this virtual port is translated to. */
HCD_INLINE __be16 hcd_host_port(const struct hcd_endpoint* host, const struct hcd_rule* rule, __be16 vport) {
  if (host->port) return host->port;
  if (!rule->target) return vport;
  return hcd_swap16((__u16)(rule->target + (rule->flags & HCD_RULE_SHIFT ? hcd_swap16(vport) - rule->first : 0)));
}

/* The virtual port of a flow of the rule whose packets come from that port of the host; 0: it cannot be told. */
HCD_INLINE __be16 hcd_virtual_port(const struct hcd_endpoint* host, const struct hcd_rule* rule, __be16 port) {
  if (rule->to.port) return hcd_host_port(host, rule, rule->to.port) == port ? rule->to.port : 0;
  if (host->port) return 0;
  __be16 vport = port;
  if (rule->target) {
    if (!(rule->flags & HCD_RULE_SHIFT)) return 0;
    vport = hcd_swap16((__u16)(hcd_swap16(port) - rule->target + rule->first));
  }
  return hcd_serves_port(rule, vport) ? vport : 0;
}

HCD_PURE_END

#endif
