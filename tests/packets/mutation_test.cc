#include <algorithm>
#include <random>

#include "tests/packets/guarded.h"
#include "tests/packets/icmp.h"
#include "tests/packets/pieces.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

Bytes tagged(Bytes frame) {
  const Bytes tag = {0x81, 0, 0, 7};
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  return frame;
}

// What the packet programs meet: both directions, both families, TCP, UDP, options, fragments, errors, tags.
std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (const std::uint8_t flags : std::vector<std::uint8_t>{kSyn, kAck, kFin | kAck, kRst}) {
    all.push_back(Frame{.src = kClient, .dst = kVip, .flags = flags, .payload = 20}.bytes());
    all.push_back(Frame{.src = kClient, .dst = kVip, .flags = flags, .options = 12}.bytes());
    all.push_back(Frame{.src = kServer1, .dst = kClient, .flags = flags}.bytes());
    all.push_back(Frame{.src = kClient6, .dst = kVip6, .flags = flags, .payload = 9}.bytes());
    all.push_back(Frame{.src = kClient6, .dst = kVip6, .flags = flags, .extensions = {0, 60}}.bytes());
    all.push_back(Frame{.src = kServer61, .dst = kClient6, .flags = flags}.bytes());
    all.push_back(tagged(Frame{.src = kClient, .dst = kVip, .flags = flags, .payload = 3}.bytes()));
    all.push_back(tagged(Frame{.src = kClient6, .dst = kVip6, .flags = flags, .payload = 3}.bytes()));
  }
  const Frame asks{.src = kClient, .dst = kName, .proto = kUdp, .payload = 100};
  const Frame answers{.src = kHost, .dst = kClient, .proto = kUdp, .payload = 100};
  const Frame asks6{.src = kClient6, .dst = kName6, .proto = kUdp, .payload = 100};
  const Frame answers6{.src = kHost6, .dst = kClient6, .proto = kUdp, .payload = 100};
  for (const Frame& frame : {asks, answers, asks6, answers6}) {
    all.push_back(frame.bytes());
    for (const Bytes& piece : pieces(frame, 56, 9)) all.push_back(piece);
  }
  all.push_back(
      IcmpError{.from = at("198.18.0.1", 0), .to = kServer1, .about = {.src = kServer1, .dst = kClient}}.bytes());
  all.push_back(IcmpError{.from = at("198.18.0.1", 0), .to = kHost, .about = answers}.bytes());
  all.push_back(
      IcmpError{.from = at("2001:db8:cc::9", 0), .to = kHost6, .about = answers6, .type = 2, .code = 0}.bytes());
  return all;
}

// One to three bytes changed anywhere in the headers, or the end cut off.
Bytes mutate(Bytes frame, std::mt19937& random) {
  if (random() % 8 == 0) frame.resize(14 + random() % (frame.size() - 14) + 1);
  for (std::uint32_t i = 0; i < 1 + random() % 3; i++)
    frame[12 + random() % (std::min<std::size_t>(frame.size(), 110) - 12)] =
        static_cast<std::uint8_t>(random() % 3   ? random()
                                  : random() % 2 ? 0
                                                 : 255);
  return frame;
}

std::size_t word(const Bytes& frame, std::size_t at) {
  return static_cast<std::size_t>(frame[at] << 8 | frame[at + 1]);
}

// Reads a frame that was sent on as the programs should have: where IP begins, TCP, UDP or ICMP, and where the packet ends.
struct Reading {
  std::size_t ip = 14, l4 = 0, end = 0;
  std::uint8_t proto = 0;
  bool four = false, late = false;  // late: a later fragment

  explicit Reading(const Bytes& frame) {
    if (frame[12] == 0x81) ip += 4;
    four = frame[ip - 2] == 8;
    end = std::min(frame.size(), ip + (four ? word(frame, ip + 2) : 40 + word(frame, ip + 4)));
    proto = frame[ip + (four ? 9 : 6)];
    l4 = ip + (four ? std::size_t{frame[ip] & 15u} * 4 : 40);
    if (four) late = (word(frame, ip + 6) & 0x1fff) != 0;
    while (!four && !late && (proto == 0 || proto == 60 || proto == 43 || proto == 44)) {
      const std::size_t at = l4;
      const bool fragment = proto == 44;
      late = at + 8 > end || (fragment && (word(frame, at + 2) & 0xfff8) != 0);
      if (late) break;
      proto = frame[at];
      l4 += fragment ? 8 : 8 + std::size_t{frame[at + 1]} * 8;
    }
  }
};

// By how much the outer checksums are off; of a later fragment the header's alone.
Faults off(const Bytes& frame) {
  const Reading at(frame);
  const auto by = [](std::uint16_t sum) { return static_cast<std::uint16_t>(sum == 0xffff ? 0 : ~sum); };
  Faults out;
  if (at.four) out.ip = by(sum16(&frame[at.ip], at.l4 - at.ip));
  if (at.late || at.l4 >= at.end) return out;
  const auto length = static_cast<std::uint32_t>(at.end - at.l4);
  const std::uint32_t pseudo =
      at.proto == 1 ? 0 : sum16(&frame[at.ip + (at.four ? 12 : 8)], at.four ? 8 : 32) + at.proto + length;
  const bool none = at.proto == kUdp && word(frame, at.l4 + 6) == 0;
  if (!none) out.tcp = by(sum16(&frame[at.l4], length, pseudo));
  return out;
}

// An answer of the director's own quotes the frame as it came.
void check_answer(const Bytes& frame, const Bytes& answer) {
  const std::size_t quote = frame[12] == 8 ? 14 + 28 : 14 + 48;
  CHECK(answer.size() > quote && answer.size() - quote + 14 <= frame.size());
  CHECK(std::equal(answer.begin() + static_cast<std::ptrdiff_t>(quote), answer.end(), frame.begin() + 14));
  LONGS_EQUAL(0, icmp_fault(answer));
}

// Packets counted by what became of them, not those that are counted beside.
std::uint64_t accounted(const Stage& stage) {
  std::uint64_t sum = 0;
  for (std::uint32_t reason = 0; reason < HCD_REASONS; reason++) switch (reason) {
      case HCD_CREATED:
      case HCD_STATELESS:
      case HCD_EXPIRED:
      case HCD_EVICTED:
      case HCD_KILLED:
      case HCD_ICMP_ERROR:
      case HCD_ERROR_SENT:
      case HCD_ERROR_LIMIT:
      case HCD_PIECES:
      case HCD_STASHED:
      case HCD_FRAGMENT_LIMIT:
      case HCD_FLOODS:
      case HCD_SYN_UNSTORED:
      case HCD_SYN_RESUMED:
      case HCD_AMBIGUOUS: break;
      default: sum += stage.reason(reason);
    }
  return sum;
}

// Whatever comes: it is counted once; what passes is untouched; what is sent on has its checksums as right, or as wrong, as
// they came, and its length.
void send_mutations(const Site& site) {
  serve_names(site);
  const auto corpus = seeds();
  std::mt19937 random(7);
  int passed = 0, dropped = 0, sent = 0;
  std::uint64_t runs = 0;
  const std::uint64_t before = accounted(site.stage);
  for (int round = 0; round < 20000; round++) {
    if (round % 100 == 0) {
      site.stage.clear_states();
      LONGS_EQUAL(before + runs, accounted(site.stage));
    }
    const Bytes& seed = corpus[random() % corpus.size()];
    const Bytes frame = random() % 4 ? mutate(seed, random) : seed;
    const std::uint64_t said = site.stage.reason(HCD_ERROR_SENT);
    const Verdict verdict = site.stage.run(site.hook, frame, site.stage.servers_link);
    const auto [pass, drop, redirect] = site.verdicts();
    if (verdict.action < -1) continue;  // not even the kernel makes a packet of it
    runs++;
    CHECK(verdict.action == pass || verdict.action == drop || verdict.action == redirect);
    if (verdict.action == pass) {
      CHECK(verdict.frame == frame);
      passed++;
    } else if (site.stage.reason(HCD_ERROR_SENT) != said) {
      check_answer(frame, verdict.frame);
    } else if (verdict.action == redirect) {
      CHECK(off(verdict.frame) == off(frame));
      LONGS_EQUAL(frame.size(), verdict.frame.size());
      sent++;
    } else {
      dropped++;
    }
  }
  CHECK(passed > 1000 && dropped > 1000 && sent > 1000);
}

}  // namespace

PACKET_TEST(Mutation, no_frame_leaves_with_a_checksum_that_we_made_wrong) {
  send_mutations(site);
}
PACKET_TEST(Mutation, nor_does_any_without_a_state) {
  const Guarded guarded(site);
  site.stage.settings[0].when_full = HCD_BY_HASH;
  send_mutations(site);
  CHECK(guarded.reason(HCD_STATELESS) > 100 && guarded.reason(HCD_SYN_RESUMED) > 10);
}
