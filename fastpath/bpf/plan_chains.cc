// Where rules stand in the chain of their destination. A rule that is there already keeps its place as long as the order of
// evaluation allows it; one that does not is made anew in another, and its old self only serves the states it has.
#include <algorithm>
#include <tuple>

#include "fastpath/bpf/plan.h"

namespace hcd::fastpath {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;

// A rule of the chain as it shall be: one of those wanted, or one of an anchor that nobody touches.
struct Link {
  std::string_view anchor;
  std::uint32_t number;
  std::uint32_t index;  // 0: it has no place yet
  std::size_t at;       // its place in the chain as it is
  std::size_t wanted;   // among those wanted, or kNowhere
};

std::size_t place_of(const std::vector<std::uint32_t>& chain, std::uint32_t index) {
  const auto found = std::ranges::find(chain, index);
  return found == chain.end() ? kNowhere : static_cast<std::size_t>(found - chain.begin());
}

}  // namespace

Status Planner::place(std::vector<Wanted>& wanted, const TouchedAnchors& touched) {
  std::unordered_map<Endpoint, std::vector<Wanted*>, EndpointHash> by_destination;
  for (Wanted& one : wanted) {
    if (touched.at(*one.anchor).rules) by_destination[destination_of(*one.rule)].push_back(&one);
  }
  for (Wanted& one : wanted) {  // in their order, so that indexes are given in it
    const Endpoint to = destination_of(*one.rule);
    const auto together = by_destination.find(to);
    if (together == by_destination.end()) continue;
    if (auto status = place_in(to, together->second, touched); !status) {
      return fail_in("rule for " + destination_text(*one.rule), status.error());
    }
    by_destination.erase(together);
  }
  return {};
}

Status Planner::place_in(const Endpoint& to, std::vector<Wanted*>& wanted, const TouchedAnchors& touched) {
  const auto known = layout_.chains.find(to);
  static const std::vector<std::uint32_t> kNone;
  const std::vector<std::uint32_t>& chain = known == layout_.chains.end() ? kNone : known->second;
  std::vector<Link> links;
  for (std::size_t i = 0; i < wanted.size(); i++) {
    const std::uint32_t index = wanted[i]->slot == nullptr ? 0 : wanted[i]->slot->index;
    const std::size_t at = index == 0 ? kNowhere : place_of(chain, index);
    links.push_back({*wanted[i]->anchor, wanted[i]->number, index, at, i});
  }
  for (std::size_t at = 0; at < chain.size(); at++) {
    const RuleSlot& slot = layout_.rules.at(chain[at]);
    const auto anchor = touched.find(slot.anchor);
    if (!slot.in_force || (anchor != touched.end() && anchor->second.rules)) continue;
    links.push_back({slot.anchor, slot.number, slot.index, at, kNowhere});
  }
  std::ranges::sort(links, {}, [](const Link& link) { return std::tuple(link.anchor, link.number, link.index); });

  std::size_t bound = 0, size = chain.size();  // the next stands at least there
  std::uint32_t before = 0;
  for (auto link = links.begin(); link != links.end(); ++link) {
    const auto fixed = std::find_if(link, links.end(), [](const Link& other) { return other.wanted == kNowhere; });
    const std::size_t end = fixed == links.end() ? chain.size() : fixed->at + (fixed == link ? 1 : 0);
    if (link->wanted != kNowhere && (link->at < bound || link->at >= end)) {
      Wanted& one = *wanted[link->wanted];
      one.slot = nullptr;
      one.index = layout_.rule_indexes.take();
      if (one.index == 0) return no_room("rules", layout_.rule_indexes.taken() + 1, layout_.rule_indexes.limit());
      plan_.fresh.push_back(one.index);
      one.after = before;
      one.first_of_place = size++ == 0;
      before = one.index;
    } else {
      bound = link->at + 1;
      before = link->index;
    }
  }
  if (size <= abi::HCD_CHAIN) return {};
  return fail(Code::Limit, std::to_string(size) + " rules are more than the " + std::to_string(abi::HCD_CHAIN) +
                               " that can be had for one destination");
}

}  // namespace hcd::fastpath
