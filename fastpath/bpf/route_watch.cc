#include "fastpath/bpf/route_watch.h"

#include <vector>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "fastpath/bpf/interfaces.h"

namespace hcd::fastpath {
namespace {

constexpr rtnetlink_groups kGroups[] = {
    RTNLGRP_LINK,         RTNLGRP_NEIGH,        RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
    RTNLGRP_IPV4_ROUTE,   RTNLGRP_IPV6_ROUTE,   RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,
    RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_NEXTHOP,
};

Result<UniqueFd> open_socket() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl any{};
  any.nl_family = AF_NETLINK;
  if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
    return fail_errno("rtnetlink");
  constexpr int kBuffer = 1 << 20;  // a burst that does not fit costs no more than that everything is asked for again
  if (setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0)
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  for (const int group : kGroups) {
    const bool joined = setsockopt(socket.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
    if (!joined && errno != EINVAL)
      return fail_errno("rtnetlink");  // EINVAL: a kernel without it has none of its changes
  }
  return socket;
}

}  // namespace

Result<RouteWatch> RouteWatch::open(int settings, const abi::hcd_globals& globals) {
  auto hops = Hops::map(settings, globals);
  if (!hops) return std::unexpected(hops.error());
  auto socket = open_socket();
  if (!socket) return std::unexpected(socket.error());
  return RouteWatch(std::move(*socket), std::move(*hops));
}

Status RouteWatch::look_at_rules() {
  hops_.forget_and(false);
  rules_known_ = remembers_ = false;
  const auto policies = policy_routing();
  if (!policies) return std::unexpected(policies.error());
  rules_known_ = true;
  remembers_ = !*policies;
  hops_.forget_and(remembers_);
  return {};
}

Status RouteWatch::absorb() {
  const auto change = drain();
  if (!change) return std::unexpected(change.error());
  if (change->rules || !rules_known_) return look_at_rules();
  if (change->any) hops_.forget();
  return {};
}

Status RouteWatch::keep(TimePoint now) {
  if (auto done = absorb(); !done) return done;
  hops_.watched(now, kTrust);
  return {};
}

// Not without end, should changes come faster than they are read: the rest is read in the next round of the loop.
Result<RouteEvents::Change> RouteWatch::drain() {
  constexpr int kMost = 1024;
  constexpr std::size_t kLargest = 1 << 15;
  RouteEvents::Change all;
  std::vector<std::byte> buffer(kLargest);
  for (int i = 0; i < kMost; i++) {
    sockaddr_nl from{};
    iovec data{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    const ssize_t length = recvmsg(socket_.get(), &message, 0);
    RouteEvents::Change one;
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (length < 0 && errno != ENOBUFS) return fail_errno("rtnetlink");
    if (length >= 0 && from.nl_pid != 0) continue;  // not the kernel's word
    const bool whole = length >= 0 && (message.msg_flags & MSG_TRUNC) == 0;
    one = whole ? events_.read(std::span(buffer).first(static_cast<std::size_t>(length))) : events_.lost();
    all.any |= one.any;
    all.rules |= one.rules;
  }
  return all;
}

}  // namespace hcd::fastpath
