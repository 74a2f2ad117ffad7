// Sends a plan's packets from the client's interface, on one CPU with nothing else on it: all that happens to a packet,
// generator to receiver, is softirq work on the sender's own time, so elapsed time is the cost of the whole way.
#pragma once
#include "tools/bench/inject/plan.h"
#include "tools/bench/inject/programs.h"

namespace hcd::bench {

struct Measured {
  double ns = 0;      // elapsed, per packet sent
  double cpu_ns = 0;  // this thread's CPU time, softirq included, per packet sent
};

[[nodiscard]] Status claim_cpu();

// Live frames: BPF_PROG_TEST_RUN of the program that writes a frame and redirects it out of the client's interface.
[[nodiscard]] Result<Measured> send_frames(const Plan& plan, const Programs& programs, std::uint32_t packets);

// Socket buffers: an AF_PACKET socket that bypasses the queueing discipline.
[[nodiscard]] Result<Measured> send_buffers(const Plan& plan, const inject_template& like, const Link& from,
                                            std::uint32_t first, std::uint32_t flows, std::uint32_t packets);

}  // namespace hcd::bench
