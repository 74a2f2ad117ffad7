#include "fastpath/bpf/event_ring.h"

#include <cstring>
#include <string>
#include <vector>

#include <bpf/bpf.h>

#include "fastpath/base/unique_fd.h"
#include "tests/fake/needs.h"
#include "tests/fastpath/bpf/fake_ring.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(EventRing) {
  FakeRing memory;
  EventRing ring{memory.view()};

  std::vector<std::string> take(std::size_t most = 100) {
    std::vector<std::string> out;
    const auto taken = ring.take(most, [&](std::span<const std::byte> record) {
      out.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
    });
    CHECK(taken.has_value());
    LONGS_EQUAL(out.size(), *taken);
    return out;
  }
  void holds(const std::vector<std::string>& wanted, std::size_t most = 100) {
    CHECK(take(most) == wanted);
  }
};

TEST(EventRing, gives_each_record_once_and_in_order) {
  holds({});
  memory.put("one");
  memory.put("the second");
  holds({"one", "the second"});
  holds({});
  memory.put("third");
  holds({"third"});
}
TEST(EventRing, takes_no_more_than_it_is_told_to) {
  for (const char* one : {"a", "b", "c"}) memory.put(one);
  holds({"a", "b"}, 2);
  holds({}, 0);
  holds({"c"}, 2);
}
TEST(EventRing, waits_for_one_that_is_being_written_and_for_those_behind_it) {
  memory.put("first");
  const std::size_t busy = memory.reserve("second");
  memory.put("third");
  holds({"first"});
  holds({});
  memory.submit(busy);
  holds({"second", "third"});
}
TEST(EventRing, passes_over_what_was_discarded) {
  memory.put("a");
  memory.discard(memory.reserve("b"));
  memory.put("c");
  holds({"a", "c"});
}
TEST(EventRing, goes_round_as_often_as_it_must) {
  const std::string text(101, 'x');
  for (int i = 0; i < 1000; i++) {
    memory.put(text + std::to_string(i));
    holds({text + std::to_string(i)});
  }
}
TEST(EventRing, frees_a_record_as_soon_as_it_is_taken) {
  memory.put("a");
  memory.put("b");
  std::vector<std::uint64_t> consumed;
  CHECK(ring.take(2, [&](std::span<const std::byte>) { consumed.push_back(memory.consumed); }).has_value());
  CHECK((consumed == std::vector<std::uint64_t>{0, 16}));
  LONGS_EQUAL(32, memory.consumed);
}
TEST(EventRing, gives_up_what_cannot_be_a_record) {
  memory.put("a");
  memory.put("b");
  memory.word(16) = FakeRing::kSize;
  const auto taken = ring.take(10, [](std::span<const std::byte>) {});
  CHECK(!taken.has_value());
  CHECK(taken.error().code == Code::Protocol);
  holds({});
  memory.put("c");
  holds({"c"});
}
BPF_TEST(EventRing, maps_the_kernels) {
  const UniqueFd map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, 8192, nullptr));
  auto real = EventRing::map(map.get());
  CHECK(real.has_value());
  LONGS_EQUAL(8192, real->size());
  LONGS_EQUAL(0, real->take(10, [](std::span<const std::byte>) {}).value_or(99));
  const UniqueFd array(bpf_map_create(BPF_MAP_TYPE_ARRAY, "array", 4, 4, 1, nullptr));
  STRCMP_EQUAL("hcd_events is no ring buffer", EventRing::map(array.get()).error().text.c_str());
}
