#include "tools/bench/inject/send.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <sys/socket.h>

namespace hcd::bench {
namespace {

double now(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

template <class Work>
Result<Measured> timed(std::uint32_t packets, Work work) {
  const double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_THREAD_CPUTIME_ID);
  if (const Status done = work(); !done) return std::unexpected(done.error());
  return Measured{.ns = (now(CLOCK_MONOTONIC) - wall) / packets,
                  .cpu_ns = (now(CLOCK_THREAD_CPUTIME_ID) - cpu) / packets};
}

constexpr unsigned kBatch = 64;  // of a NAPI poll, and of one sendmmsg

struct Batch {
  std::array<inject_frame, kBatch> frames;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};

  Batch() {
    for (unsigned i = 0; i < kBatch; ++i) {
      parts[i] = {.iov_base = &frames[i], .iov_len = sizeof frames[i]};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

Result<UniqueFd> packet_socket(const Link& out) {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // protocol 0: receives nothing
  if (!fd) return fail_errno("packet socket");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = out.ifindex;
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail_errno("bind the packet socket");
  const int on = 1;
  if (setsockopt(fd.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0) return fail_errno("bypass the qdisc");
  return fd;
}

Status send_all(int fd, const inject_template& like, std::uint32_t first, std::uint32_t flows, std::uint32_t packets) {
  Batch batch;
  for (std::uint32_t sent = 0; sent < packets;) {
    const unsigned count = std::min(kBatch, packets - sent);
    for (unsigned i = 0; i < count; ++i) inject_write(&batch.frames[i], &like, first + (sent + i) % flows);
    const int done = sendmmsg(fd, batch.messages.data(), count, 0);
    if (done < 0 && errno != ENOBUFS && errno != EINTR) return fail_errno("send");
    sent += static_cast<unsigned>(std::max(done, 0));
  }
  return {};
}

}  // namespace

// Real-time priority keeps other programs off the CPU for the fractions of a second that a measurement takes.
Status claim_cpu() {
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return fail_errno("read the CPU set");
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &mine)) last = cpu;
  CPU_ZERO(&mine);
  CPU_SET(last, &mine);
  if (sched_setaffinity(0, sizeof mine, &mine) != 0) return fail_errno("stay on one CPU");
  const sched_param priority{.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) return fail_errno("take real-time priority");
  return {};
}

Result<Measured> send_frames(const Plan& plan, const Programs& programs, std::uint32_t packets) {
  const auto inside = Inside::enter(plan.netns("client"));
  if (!inside) return std::unexpected(inside.error());
  inject_frame room{};
  bpf_test_run_opts options{.sz = sizeof options,
                            .data_in = &room,
                            .data_size_in = sizeof room,
                            .repeat = static_cast<int>(packets),
                            .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                            .batch_size = kBatch};
  return timed(packets, [&]() -> Status {
    if (bpf_prog_test_run_opts(programs.frame_writer(), &options) != 0) return fail_errno("inject live frames");
    return {};
  });
}

Result<Measured> send_buffers(const Plan& plan, const inject_template& like, const Link& from, std::uint32_t first,
                              std::uint32_t flows, std::uint32_t packets) {
  const auto inside = Inside::enter(plan.netns("client"));
  if (!inside) return std::unexpected(inside.error());
  const auto fd = packet_socket(from);
  if (!fd) return std::unexpected(fd.error());
  return timed(packets, [&] { return send_all(fd->get(), like, first, flows, packets); });
}

}  // namespace hcd::bench
