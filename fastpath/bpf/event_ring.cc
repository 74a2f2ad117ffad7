#include "fastpath/bpf/event_ring.h"

#include <atomic>
#include <bit>
#include <cstring>

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace hcd::fastpath {
namespace {

template <class T>
T read_word(const void* at) {  // the kernel writes to it, we may not
  return __atomic_load_n(static_cast<const T*>(at), __ATOMIC_ACQUIRE);
}

}  // namespace

Result<EventRing> EventRing::map(int fd) {
  bpf_map_info info{};
  __u32 length = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &length) != 0) return fail_errno("hcd_events");
  if (info.type != BPF_MAP_TYPE_RINGBUF || !std::has_single_bit(info.max_entries))
    return fail(Code::Unsupported, "hcd_events is no ring buffer");
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* ours = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (ours == MAP_FAILED) return fail_errno("hcd_events: cannot be mapped");
  const std::size_t rest = page + 2 * std::size_t{info.max_entries};
  void* theirs = mmap(nullptr, rest, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page));
  if (theirs == MAP_FAILED) {
    const int error = errno;
    munmap(ours, page);
    return fail_errno("hcd_events: cannot be mapped", error);
  }
  EventRing out({.consumed = static_cast<std::uint64_t*>(ours),
                 .produced = static_cast<const std::uint64_t*>(theirs),
                 .data = static_cast<const std::byte*>(theirs) + page,
                 .size = info.max_entries});
  out.mapped_ = rest;
  out.page_ = page;
  return out;
}

EventRing::~EventRing() {
  if (mapped_ == 0) return;
  munmap(memory_.consumed, page_);
  munmap(const_cast<std::uint64_t*>(memory_.produced), mapped_);
}

Result<std::size_t> EventRing::take(std::size_t most, const std::function<void(std::span<const std::byte>)>& visit) {
  constexpr std::uint32_t kBusy = 1U << 31, kDiscarded = 1U << 30;
  constexpr std::size_t kHeader = 8;
  const std::atomic_ref consumed(*memory_.consumed);
  std::uint64_t at = consumed.load(std::memory_order_relaxed);
  const auto produced = read_word<std::uint64_t>(memory_.produced);
  std::size_t taken = 0;
  while (at < produced && taken < most) {
    const std::byte* record = memory_.data + (at & (memory_.size - 1));
    const auto word = read_word<std::uint32_t>(record);
    if ((word & kBusy) != 0) break;
    const std::size_t length = word & ~kDiscarded, whole = (length + kHeader + 7) / 8 * 8;
    if (whole > produced - at || whole > memory_.size) {
      consumed.store(produced, std::memory_order_release);
      return fail(Code::Protocol, "hcd_events holds a record that is longer than it");
    }
    if ((word & kDiscarded) == 0) {
      visit({record + kHeader, length});
      taken++;
    }
    at += whole;
    consumed.store(at, std::memory_order_release);
  }
  return taken;
}

}  // namespace hcd::fastpath
