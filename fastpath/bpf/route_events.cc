#include "fastpath/bpf/route_events.h"

#include <algorithm>
#include <utility>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace hcd::fastpath {
namespace {

std::span<const std::uint8_t> payload_of(const nlattr* attribute) {
  return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)), mnl_attr_get_payload_len(attribute)};
}

template <std::size_t Size>
void copy(std::span<const std::uint8_t> from, std::array<std::uint8_t, Size>& to) {
  std::copy_n(from.begin(), std::min(from.size(), Size), to.begin());
}

}  // namespace

RouteEvents::Change RouteEvents::lost() {
  neighbours_.clear();
  return {.any = true, .rules = true};
}

RouteEvents::Change RouteEvents::read(std::span<const std::byte> datagram) {
  Change change;
  auto left = static_cast<int>(datagram.size());
  const auto* message = static_cast<const nlmsghdr*>(static_cast<const void*>(datagram.data()));
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) read_one(message, change);
  return left > 0 ? lost() : change;  // a message that is cut off
}

void RouteEvents::read_one(const nlmsghdr* message, Change& change) {
  switch (message->nlmsg_type) {
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: return read_neighbour(message, change);
    case RTM_NEWRULE:
    case RTM_DELRULE: change.rules = true; [[fallthrough]];
    case RTM_NEWLINK:
    case RTM_DELLINK:
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
    case RTM_NEWNEXTHOP:
    case RTM_DELNEXTHOP:
    case RTM_NEWNETCONF:  // forwarding is switched on or off
    case RTM_DELNETCONF: change.any = true; return;
    case NLMSG_OVERRUN: change = lost(); return;
    default: return;
  }
}

void RouteEvents::read_neighbour(const nlmsghdr* message, Change& change) {
  constexpr int kValid = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
  if (mnl_nlmsg_get_payload_len(message) < sizeof(ndmsg)) {
    change = lost();
    return;
  }
  const auto* head = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
  if (head->ndm_family != AF_INET && head->ndm_family != AF_INET6) return;  // a bridge's
  Key key{.link = static_cast<std::uint32_t>(head->ndm_ifindex), .family = head->ndm_family};
  Neighbour now{.valid = (head->ndm_state & kValid) != 0};
  std::pair visit{&key, &now};
  const auto look = [](const nlattr* attribute, void* to) {
    const auto& [whose, what] = *static_cast<decltype(visit)*>(to);
    if (mnl_attr_get_type(attribute) == NDA_DST) copy(payload_of(attribute), whose->address);
    if (mnl_attr_get_type(attribute) == NDA_LLADDR) copy(payload_of(attribute), what->at);
    return MNL_CB_OK;
  };
  mnl_attr_parse(message, sizeof *head, look, &visit);
  if (!now.valid) now.at = {};
  const auto known = neighbours_.find(key);
  if (message->nlmsg_type == RTM_DELNEIGH) {
    if (known == neighbours_.end() || known->second.valid) change.any = true;
    if (known != neighbours_.end()) neighbours_.erase(known);
    return;
  }
  if (known != neighbours_.end() && known->second == now) return;
  change.any = true;
  if (neighbours_.size() >= kMostNeighbours) neighbours_.clear();
  neighbours_[key] = now;
}

}  // namespace hcd::fastpath
