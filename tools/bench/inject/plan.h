// What one measurement sends, where to, and what stands in the director's place. Read from the command line.
#pragma once
#include <cstdint>
#include <string>

#include "fastpath/base/error.h"
#include "tools/bench/inject/frame.h"
#include "tools/bench/inject/netns.h"

namespace hcd::bench {

enum class Source { Frames, Buffers };  // live frames (as a NIC's driver hands them over) or AF_PACKET's socket buffers
enum class Director { AsIs, Sink, Bounce };  // what is measured; drop at once: the generator alone; redirect, no more
enum class Flows { Established, New };

struct Plan {
  std::string lab = "lab";
  std::uint32_t to = 0;  // IPv4, network order
  std::uint16_t port = 80;
  unsigned servers = 3;
  Source source = Source::Frames;
  Director director = Director::AsIs;
  Flows kind = Flows::Established;
  bool receive_frames = false;  // receivers count in XDP, which redirected frames need; else in tc
  std::uint32_t flows = 1024;
  std::uint32_t packets = 200000;
  std::uint32_t first = 0;  // number of the first flow: each run of new flows needs its own

  [[nodiscard]] std::string netns(const std::string& node) const { return lab + "-" + node; }
};

[[nodiscard]] Result<Plan> read_plan(int argc, char** argv);

[[nodiscard]] inject_template make_template(const Plan& plan, const Link& from, const Link& next, bool syn);

}  // namespace hcd::bench
