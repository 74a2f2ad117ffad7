// A ring buffer in memory, and the kernel's end of it.
#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "fastpath/bpf/event_ring.h"

namespace hcd::fastpath {

struct FakeRing {
  static constexpr std::size_t kSize = 4096;
  static constexpr std::uint32_t kBusy = 1U << 31, kDiscarded = 1U << 30;

  std::uint64_t consumed = 0, produced = 0;
  alignas(8) std::array<std::byte, 2 * kSize> data{};

  [[nodiscard]] EventRing::Memory view() { return {&consumed, &produced, data.data(), kSize}; }

  // The header of the record at that place; as the kernel maps it, it is there twice.
  std::uint32_t& word(std::size_t at) { return *reinterpret_cast<std::uint32_t*>(data.data() + at); }
  void set_word(std::size_t at, std::uint32_t value) { word(at) = word(at + kSize) = value; }

  std::size_t reserve(std::string_view bytes) {
    const std::size_t at = produced % kSize;
    set_word(at, static_cast<std::uint32_t>(bytes.size()) | kBusy);
    for (std::size_t i = 0; i < bytes.size(); i++) {
      const std::size_t place = (at + 8 + i) % kSize;
      data[place] = data[place + kSize] = static_cast<std::byte>(bytes[i]);
    }
    produced += (bytes.size() + 8 + 7) / 8 * 8;
    return at;
  }
  void submit(std::size_t at) { set_word(at, word(at) & ~kBusy); }
  void discard(std::size_t at) { set_word(at, (word(at) & ~kBusy) | kDiscarded); }
  void put(std::string_view bytes) { submit(reserve(bytes)); }
  template <class Record>
  void put_record(const Record& record) {
    put(std::string_view(reinterpret_cast<const char*>(&record), sizeof record));
  }
};

}  // namespace hcd::fastpath
