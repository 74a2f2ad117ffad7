// A snapshot by id: which table a host is in, which hosts a table has, and what is counted of each.
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

  // What came of numbers; null: none.
  [[nodiscard]] const ctl::ServiceNumbers* numbers(const ctl::ServiceRow& service) const;
  [[nodiscard]] const ctl::TableNumbers* numbers(const ctl::TableRow& table) const;
  [[nodiscard]] const ctl::HostNumbers* numbers(const ctl::HostRow& host) const;

 private:
  std::unordered_map<ctl::Id, const ctl::TableRow*> tables_;
  std::unordered_map<ctl::Id, std::vector<const ctl::HostRow*>> hosts_;
  std::unordered_map<ctl::Id, const ctl::ServiceNumbers*> service_numbers_;
  std::unordered_map<ctl::Id, const ctl::TableNumbers*> table_numbers_;
  std::unordered_map<ctl::Id, const ctl::HostNumbers*> host_numbers_;
};

}  // namespace hcd::hcctl
