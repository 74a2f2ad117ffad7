// inject: one measurement of the way from the lab's client through its director to its servers. Prints one line:
//   elapsed ns a packet, CPU ns a packet, packets sent, packets delivered
#include <cstdio>

#include <unistd.h>

#include "fastpath/base/text.h"
#include "tools/bench/inject/send.h"

using namespace hcd;
using namespace hcd::bench;

namespace {

// Waits until nothing arrives any more, at most a quarter of a second.
Programs::Delivered settled(const Programs& programs) {
  auto before = programs.delivered();
  for (int i = 0; i < 25; ++i) {
    usleep(10'000);
    const auto after = programs.delivered();
    if (after.to_servers == before.to_servers && after.to_clients == before.to_clients) break;
    before = after;
  }
  return before;
}

// A handshake for each flow: whoever keeps states must have seen both sides before ACKs are sent.
Status establish(const Plan& plan, Programs& programs, const Link& from, const Link& next) {
  programs.answer(true);
  for (const bool syn : {true, false}) {
    const auto like = make_template(plan, from, next, syn);
    if (const auto sent = send_buffers(plan, like, from, plan.first, plan.flows, plan.flows); !sent)
      return std::unexpected(sent.error());
    if (!syn) continue;
    const auto answered = settled(programs).to_clients;
    if (answered < plan.flows)
      return fail(Code::System,
                  "only " + std::to_string(answered) + " of " + std::to_string(plan.flows) + " flows were answered");
  }
  (void)settled(programs);
  programs.answer(false);
  return {};
}

Status measure(const Plan& plan) {
  const auto from = find_link(plan.netns("client"), "eth0");
  if (!from) return std::unexpected(from.error());
  const auto next = find_link(plan.netns("director"), "trunk0");
  if (!next) return std::unexpected(next.error());
  const auto like = make_template(plan, *from, *next, plan.kind == Flows::New);
  auto programs = Programs::load(plan, like, *from);
  if (!programs) return std::unexpected(programs.error());
  if (const auto done = programs->attach(plan); !done) return done;
  if (const auto done = forget_connections(plan.netns("director")); !done) return done;
  if (const auto done = claim_cpu(); !done) return done;
  if (plan.kind == Flows::Established && plan.director == Director::AsIs)
    if (const auto done = establish(plan, *programs, *from, *next); !done) return done;

  const auto send = [&](std::uint32_t done, std::uint32_t packets) {
    if (plan.source == Source::Frames) return send_frames(plan, *programs, packets);
    const bool fresh = plan.kind == Flows::New;
    return send_buffers(plan, like, *from, plan.first + (fresh ? done : 0), fresh ? packets : plan.flows, packets);
  };
  const std::uint32_t warm_up = plan.packets / 10 + 1;
  if (const auto warmed = send(0, warm_up); !warmed) return std::unexpected(warmed.error());
  const auto before = settled(*programs);
  const auto measured = send(warm_up, plan.packets);
  if (!measured) return std::unexpected(measured.error());
  const auto after = settled(*programs);
  std::printf("%.1f\t%.1f\t%u\t%llu\n", measured->ns, measured->cpu_ns, plan.packets,
              static_cast<unsigned long long>(after.to_servers - before.to_servers));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto plan = read_plan(argc, argv);
  const Status done = plan ? measure(*plan) : std::unexpected(plan.error());
  if (!done) std::fprintf(stderr, "inject: %s\n", done.error().text.c_str());
  return done ? 0 : plan ? 1 : 2;
}
