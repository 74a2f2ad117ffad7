// The reader's end of a BPF ring buffer (the kernel's Documentation/bpf/ringbuf.rst), mapped: libbpf's takes all that there is
// in one call, and more comes in all the while; this one takes as much as it is told to. Needs the map's descriptor and mmap,
// and the kernel knows of one reader only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "fastpath/base/error.h"

namespace hcd::fastpath {

class EventRing {
 public:
  // Where the kernel has it: positions count bytes for ever; the data, a power of two, is there twice, one behind the other.
  struct Memory {
    std::uint64_t* consumed = nullptr;
    const std::uint64_t* produced = nullptr;
    const std::byte* data = nullptr;
    std::size_t size = 0;
  };

  [[nodiscard]] static Result<EventRing> map(int fd);            // stays the caller's
  explicit EventRing(const Memory& memory) : memory_(memory) {}  // of who has no kernel
  EventRing(EventRing&& other) noexcept
      : memory_(other.memory_), mapped_(std::exchange(other.mapped_, 0)), page_(other.page_) {}
  EventRing& operator=(EventRing&&) = delete;
  ~EventRing();

  // Calls visit with at most so many records in their order, each its own only during the call, and says how many were taken:
  // fewer where there are no more, or the next one is still being written.
  [[nodiscard]] Result<std::size_t> take(std::size_t most,
                                         const std::function<void(std::span<const std::byte>)>& visit);
  [[nodiscard]] std::size_t size() const { return memory_.size; }

 private:
  Memory memory_;
  std::size_t mapped_ = 0, page_ = 0;  // lengths; 0: not ours
};

}  // namespace hcd::fastpath
