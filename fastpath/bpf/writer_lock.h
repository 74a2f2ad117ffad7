// One writer of the maps at a time: the daemon's engine and the tools take this lock around everything they change, and read
// again under it whether another has written since (hcd_globals.generation). It is flock(2) on the pin of hcd_globals, so
// the kernel takes it from whoever dies, and who has no path can be passed the descriptor.
#pragma once
#include <string>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::fastpath {

class WriterLock {
 public:
  class Hold {  // until it is destroyed
   public:
    Hold() = default;
    explicit Hold(int fd) : fd_(fd) {}
    ~Hold();
    Hold(Hold&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Hold& operator=(Hold&&) = delete;

   private:
    int fd_ = -1;
  };

  WriterLock() = default;  // of maps that nobody else has: it is always free
  explicit WriterLock(UniqueFd fd) : fd_(std::move(fd)) {}
  // A descriptor of the caller's own: one that was passed on by a parent must have been opened for the child alone.
  [[nodiscard]] static Result<UniqueFd> open(const std::string& pin_directory);

  // Code::Limit when another holds it for longer than `patience`.
  [[nodiscard]] Result<Hold> take(Milliseconds patience = Milliseconds(2000)) const;

 private:
  UniqueFd fd_;
};

}  // namespace hcd::fastpath
