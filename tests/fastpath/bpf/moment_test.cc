// A commit, seen by a packet at any moment: it meets the rule that it met before, or the one that it meets afterwards, never
// another and never none.
#include <atomic>
#include <thread>

#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

// Rules by number, in order of evaluation.
using Numbers = std::vector<int>;

struct MomentFixture : EngineFixture {
  [[nodiscard]] Rule of(int number) const {
    Rule out = rule;
    out.from.networks = {{Address::v4(htonl(0x0a000000U + (static_cast<std::uint32_t>(number) << 8))), 24}};
    out.label = std::to_string(number);
    return out;
  }
  Status put(const Numbers& numbers) {
    std::vector<Rule> rules;
    for (const int number : numbers) rules.push_back(of(number));
    Transaction transaction = engine->begin();
    transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
    transaction.set_rules("hcd/www", std::move(rules));
    return engine->commit(transaction);
  }
  // The rule that a packet meets, which matches those of the mask's bits; 0: none. As hcd_match() does.
  [[nodiscard]] int meet(unsigned mask) {
    const std::atomic_ref moves(memory.settings.chain_moves);
    for (;;) {
      const auto before = moves.load(std::memory_order_acquire);
      const int met = walk(mask);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (moves.load(std::memory_order_relaxed) == before) return met;
    }
  }
  [[nodiscard]] int walk(unsigned mask) {
    const auto head = std::atomic_ref(*entry_).load(std::memory_order_acquire);
    for (auto at = static_cast<std::uint32_t>(head); at != 0;) {
      abi::hcd_rule& record = memory.rules[at];
      const int number = number_of_[at];
      const bool in_force = std::atomic_ref(record.ring).load(std::memory_order_acquire) != 0;
      if (in_force && (mask >> number & 1) != 0) return number;
      at = std::atomic_ref(record.next).load(std::memory_order_acquire);
    }
    return 0;
  }
  static int first(const Numbers& numbers, unsigned mask) {
    for (const int number : numbers)
      if ((mask >> number & 1) != 0) return number;
    return 0;
  }
  // Where the index has the chain's head, and which rule is which; none gets another index, for none is moved.
  void look_up() {
    for (std::size_t i = 1; i < memory.rule_infos.size(); i++) number_of_[i] = std::atoi(memory.rule_infos[i].label);
    const std::uint32_t head = rule_index(rule);
    for (auto& line : memory.vips)
      for (auto& entry : line.entry)
        if (static_cast<std::uint32_t>(entry) == head) entry_ = &entry;
  }

  __u64* entry_ = nullptr;
  int number_of_[64] = {};
};

}  // namespace

TEST_GROUP_BASE(Moment, MomentFixture){};

TEST(Moment, a_packet_meets_the_old_rule_or_the_new_one) {
  const std::vector<Numbers> sets = {{3, 4, 1, 2}, {1, 2}, {3, 4}, {4, 2}, {3, 1}, {1}, {3, 4, 1, 2}, {2}, {3, 2}};
  must(put(sets[0]));
  look_up();
  std::atomic<unsigned> step{0};  // twice the number of the commit, and one more while it is under way
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, looks{0};
  std::thread packets([&] {
    for (unsigned mask = 2; !over; mask = mask == 30 ? 2 : mask + 2) {
      const unsigned before = step.load(std::memory_order_acquire);
      const int met = meet(mask);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (step.load(std::memory_order_relaxed) != before) continue;
      const Numbers& old = sets[before / 2 % sets.size()];
      const Numbers& now = sets[(before + 1) / 2 % sets.size()];
      looks++;
      if (met != first(old, mask) && met != first(now, mask)) wrong++;
    }
  });
  for (unsigned commit = 1; commit < 3000 || looks < 10000; commit++) {
    step.store(2 * commit - 1, std::memory_order_release);
    const auto done = put(sets[commit % sets.size()]);
    step.store(2 * commit, std::memory_order_release);
    if (!done) break;
    engine->tend();  // so that nothing runs short, and no rule is forgotten and made anew
  }
  over = true;
  packets.join();
  CHECK_EQUAL(0, wrong);
  CHECK(looks >= 10000);
}
