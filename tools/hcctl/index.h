// A snapshot by id: which table a host is in, which hosts a table has.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

class Index {
 public:
  Index() = default;
  explicit Index(const ctl::Snapshot& snapshot);  // which outlives it

  [[nodiscard]] const ctl::TableRow* table(ctl::Id id) const;                        // null: none
  [[nodiscard]] const std::vector<const ctl::HostRow*>& hosts(ctl::Id table) const;  // the highest id first
  [[nodiscard]] std::string name(const ctl::HostRow& host) const;                    // "webhosts:80/10.1.1.100"

 private:
  std::unordered_map<ctl::Id, const ctl::TableRow*> tables_;
  std::unordered_map<ctl::Id, std::vector<const ctl::HostRow*>> hosts_;
};

}  // namespace hcd::hcctl
