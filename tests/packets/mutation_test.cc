#include <algorithm>
#include <random>

#include "tests/packets/fixture.h"
#include "tests/packets/icmp.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (const std::uint8_t flags : std::vector<std::uint8_t>{kSyn, kAck, kFin | kAck, kRst}) {
    all.push_back(Frame{.src = kClient, .dst = kVip, .flags = flags, .payload = 20}.bytes());
    all.push_back(Frame{.src = kClient, .dst = kVip, .flags = flags, .options = 12}.bytes());
    all.push_back(Frame{.src = kServer1, .dst = kClient, .flags = flags}.bytes());
    all.push_back(Frame{.src = kClient6, .dst = kVip6, .flags = flags, .payload = 9}.bytes());
    all.push_back(Frame{.src = kClient6, .dst = kVip6, .flags = flags, .extensions = {0, 60}}.bytes());
    all.push_back(Frame{.src = kServer61, .dst = kClient6, .flags = flags}.bytes());
  }
  return all;
}

// One to three bytes changed anywhere in the headers, or the end cut off.
Bytes mutate(Bytes frame, std::mt19937& random) {
  if (random() % 8 == 0) frame.resize(14 + random() % (frame.size() - 14) + 1);
  for (std::uint32_t i = 0; i < 1 + random() % 3; i++)
    frame[12 + random() % (frame.size() - 12)] = static_cast<std::uint8_t>(random() % 3   ? random()
                                                                           : random() % 2 ? 0
                                                                                          : 255);
  return frame;
}

// An answer of the director's own quotes the frame as it came.
void check_answer(const Bytes& frame, const Bytes& answer) {
  const std::size_t quote = frame[12] == 8 ? 14 + 28 : 14 + 48;
  CHECK(answer.size() > quote && answer.size() - quote + 14 <= frame.size());
  CHECK(std::equal(answer.begin() + static_cast<std::ptrdiff_t>(quote), answer.end(), frame.begin() + 14));
  LONGS_EQUAL(0, icmp_fault(answer));
}

}  // namespace

// Whatever comes: what passes is untouched, and what is sent on has its checksums as right, or as wrong, as they came.
PACKET_TEST(Mutation, no_frame_leaves_with_a_checksum_that_we_made_wrong) {
  const auto corpus = seeds();
  std::mt19937 random(7);
  int passed = 0, dropped = 0, sent = 0;
  for (int round = 0; round < 6000; round++) {
    if (round % 100 == 0) site.stage.clear_states();
    const Bytes& seed = corpus[random() % corpus.size()];
    const Bytes frame = random() % 4 ? mutate(seed, random) : seed;
    const std::uint64_t said = site.stage.reason(HCD_ERROR_SENT);
    const Verdict verdict = site.stage.run(site.hook, frame);
    const auto [pass, drop, redirect] = site.verdicts();
    if (verdict.action < -1) continue;  // not even the kernel makes a packet of it
    CHECK(verdict.action == pass || verdict.action == drop || verdict.action == redirect);
    if (verdict.action == pass) {
      CHECK(verdict.frame == frame);
      passed++;
    } else if (site.stage.reason(HCD_ERROR_SENT) != said) {
      check_answer(frame, verdict.frame);
    } else if (verdict.action == redirect) {
      CHECK(faults(verdict.frame) == faults(frame));
      LONGS_EQUAL(frame.size(), verdict.frame.size());
      sent++;
    } else {
      dropped++;
    }
  }
  CHECK(passed > 300 && dropped > 300 && sent > 300);
}
