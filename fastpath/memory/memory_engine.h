// An engine that only remembers: for -n, for `fastpath none`, for running without privilege, and for tests.
#pragma once
#include <functional>

#include "fastpath/engine.h"

namespace hcd::fastpath {

class MemoryEngine final : public Engine {
 public:
  // Asked before each commit that changes anything; what it returns as an error, commit() returns. A test's way to see
  // what happens when a kernel refuses.
  using Guard = std::function<Status(const std::vector<Change>&)>;
  explicit MemoryEngine(Guard guard = {}) : guard_(std::move(guard)) {}

  [[nodiscard]] std::string name() const override { return "memory"; }
  [[nodiscard]] const Ruleset& ruleset() const override { return ruleset_; }
  [[nodiscard]] Status commit(const Transaction& transaction) override;
  [[nodiscard]] Result<Counters> rule_counters(const std::string& anchor) const override;
  [[nodiscard]] Result<std::vector<AddressCounters>> table_counters(const std::string& anchor,
                                                                    const std::string& table) const override;
  // None, for it has none; noted.
  [[nodiscard]] Result<std::size_t> cut(const std::vector<Sessions>& which) override;
  [[nodiscard]] const std::vector<Sessions>& was_cut() const { return cut_; }

 private:
  Guard guard_;
  Ruleset ruleset_;
  std::vector<Sessions> cut_;
};

}  // namespace hcd::fastpath
