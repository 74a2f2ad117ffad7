// The generator's BPF programs, loaded for one plan and attached where it wants them, for as long as this object lives.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastpath/base/unique_fd.h"
#include "tools/bench/inject/plan.h"

struct inject;

namespace hcd::bench {

class Programs {
 public:
  [[nodiscard]] static Result<Programs> load(const Plan& plan, const inject_template& like, const Link& from);
  Programs(Programs&&) noexcept;
  Programs& operator=(Programs&&) noexcept;
  ~Programs();

  // At both ends, and in the director where the plan wants a reference in its place.
  [[nodiscard]] Status attach(const Plan& plan);
  void answer(bool on);
  [[nodiscard]] int frame_writer() const;
  struct Delivered {
    std::uint64_t to_servers = 0, to_clients = 0;
  };
  [[nodiscard]] Delivered delivered() const;

 private:
  Programs();
  [[nodiscard]] Status attach_at(const std::string& netns, const std::string& interface, int xdp, int tc);

  std::unique_ptr<inject, void (*)(inject*)> skeleton_;
  std::vector<UniqueFd> links_;
};

}  // namespace hcd::bench
