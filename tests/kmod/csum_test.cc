#include "kmod/csum.h"

#include <random>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;

namespace {

// The complement of the sum over all words, as RFC 1071 computes it; words as they lie in memory.
std::uint16_t full(const std::vector<std::uint16_t>& words) {
  std::uint64_t sum = 0;
  for (const std::uint16_t word : words) sum += word;
  while (sum >> 16) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~sum);
}

std::uint32_t word32(const std::vector<std::uint16_t>& words, std::size_t at) {
  return static_cast<std::uint32_t>(words[at + 1]) << 16 | words[at];
}

}  // namespace

TEST_GROUP(Csum){};

// Where RFC 1141 went wrong: sums and words of all zeros and all ones. A header is never all zeros: one word stays 6.
TEST(Csum, agrees_with_a_full_sum_at_the_edges) {
  const std::vector<std::uint16_t> edges{0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff, 0xfff9, 0xfffa};
  for (const auto other : edges)
    for (const auto from : edges)
      for (const auto to : edges) {
        const auto check = full({6, other, from});
        CHECK_EQUAL(full({6, other, to}), hcd_csum_apply(check, hcd_csum_swap16(0, from, to)));
      }
}

TEST(Csum, agrees_with_a_full_sum_for_changes_of_every_width) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; round++) {
    std::vector<std::uint16_t> words(20);
    for (auto& word : words) word = static_cast<std::uint16_t>(random() % 5 ? random() : random() % 2 ? 0 : 0xffff);
    words[19] = 6;
    const auto check = full(words);
    auto changed = words;
    for (std::size_t i = 0; i < 11; i++) changed[i] = static_cast<std::uint16_t>(random() % 4 ? random() : 0xffff);
    std::uint64_t sum = hcd_csum_swap16(0, words[0], changed[0]);
    sum = hcd_csum_swap32(sum, word32(words, 1), word32(changed, 1));
    for (const std::size_t at : {3, 7}) {
      const auto from = std::uint64_t{word32(words, at + 2)} << 32 | word32(words, at);
      sum = hcd_csum_swap64(sum, from, std::uint64_t{word32(changed, at + 2)} << 32 | word32(changed, at));
    }
    CHECK_EQUAL(full(changed), hcd_csum_apply(check, sum));
  }
}

TEST(Csum, keeps_a_checksum_that_nothing_changed) {
  for (std::uint32_t check = 0; check < 0xffff; check++)
    CHECK_EQUAL(check, hcd_csum_apply(static_cast<std::uint16_t>(check), hcd_csum_swap32(0, 0x12345678, 0x12345678)));
}

TEST(Csum, carries_an_error_through_unchanged) {
  const auto wrong = static_cast<std::uint16_t>(full({6, 0x1234, 0x5678}) ^ 0x0101);
  const auto after = hcd_csum_apply(wrong, hcd_csum_swap16(0, 0x1234, 0x4321));
  CHECK_EQUAL(full({6, 0x1234, 0x5678, wrong}), full({6, 0x4321, 0x5678, after}));
}
