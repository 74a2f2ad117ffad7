// A lab's namespace (ip-netns(8) name) entered for as long as the object lives: BPF_PROG_TEST_RUN, sockets and interface
// names act in the caller's. Single-threaded programs only.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::bench {

class Inside {
 public:
  [[nodiscard]] static Result<Inside> enter(const std::string& netns);
  Inside(Inside&&) noexcept = default;
  Inside& operator=(Inside&&) = delete;
  ~Inside();

 private:
  explicit Inside(UniqueFd back) : back_(std::move(back)) {}
  UniqueFd back_;
};

struct Link {
  int ifindex = 0;
  std::array<std::uint8_t, 6> mac{};
};
[[nodiscard]] Result<Link> find_link(const std::string& netns, const std::string& interface);

// Empties the namespace's conntrack table, so that every measurement starts alike. Harmless where there is none.
[[nodiscard]] Status forget_connections(const std::string& netns);

}  // namespace hcd::bench
