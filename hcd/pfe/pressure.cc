#include "hcd/pfe/pressure.h"

namespace hcd::pfe {
namespace {

// Counters may have been cleared meanwhile.
std::string grown(std::uint64_t now, std::uint64_t before) {
  return std::to_string(now < before ? now : now - before);
}

}  // namespace

std::vector<PressureWatch::News> PressureWatch::look(const fastpath::Pressure& now) {
  std::vector<News> out;
  if (now.flood && !last_.flood) {
    flood_began_ = now;
    out.push_back({"a flood of SYNs: those beyond the syn guard go on without a state", true});
  }
  if (!now.flood && last_.flood) {
    out.push_back({"the flood of SYNs is over: " + grown(last_.unstored, flood_began_.unstored) +
                   " went on without a state, " + grown(last_.resumed, flood_began_.resumed) +
                   " of them became connections"});
  }
  if (now.full && !last_.full) {
    full_began_ = now;
    out.push_back({std::string("the state table is full: new flows ") +
                       (now.by_hash ? "go on by hash, without a state" : "are dropped"),
                   true});
  }
  if (!now.full && last_.full) {
    out.push_back({"the state table has room again: " + grown(last_.dropped, full_began_.dropped) +
                   " packets were dropped, " + grown(last_.without_state, full_began_.without_state) +
                   " went on without a state"});
  }
  last_ = now;
  return out;
}

}  // namespace hcd::pfe
