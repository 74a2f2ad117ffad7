#include "fastpath/bpf/ticks.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <time.h>

#include "fastpath/base/unique_fd.h"

namespace hcd::fastpath {
namespace {

constexpr double kSecond = 1e9;
constexpr double kTick = 0.064 * kSecond;

bpf_insn insn(int code, int to, int from, int offset, int immediate) {
  bpf_insn out{};
  out.code = static_cast<__u8>(code);
  out.dst_reg = static_cast<__u8>(to & 15);
  out.src_reg = static_cast<__u8>(from & 15);
  out.off = static_cast<__s16>(offset);
  out.imm = immediate;
  return out;
}

// An XDP program that writes jiffies and the monotonic clock into the first 16 bytes of its frame.
Result<UniqueFd> load_reader() {
  constexpr int kLoad = BPF_LDX | BPF_MEM | BPF_W, kStore = BPF_STX | BPF_MEM | BPF_DW, kCall = BPF_JMP | BPF_CALL;
  const std::array program = {
      insn(kLoad, BPF_REG_6, BPF_REG_1, offsetof(xdp_md, data), 0),
      insn(kLoad, BPF_REG_7, BPF_REG_1, offsetof(xdp_md, data_end), 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_8, BPF_REG_6, 0, 0),
      insn(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_8, 0, 0, sizeof(Moment)),
      insn(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_8, BPF_REG_7, 4, 0),
      insn(kCall, 0, 0, 0, BPF_FUNC_jiffies64),
      insn(kStore, BPF_REG_6, BPF_REG_0, 0, 0),
      insn(kCall, 0, 0, 0, BPF_FUNC_ktime_get_ns),
      insn(kStore, BPF_REG_6, BPF_REG_0, sizeof(std::uint64_t), 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS),
      insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  UniqueFd fd(bpf_prog_load(BPF_PROG_TYPE_XDP, "hcd_ticks", "GPL", program.data(), program.size(), nullptr));
  if (!fd) return fail_errno("the kernel refuses a program that reads its clock");
  return fd;
}

Result<Moment> read(int program) {
  std::array<unsigned char, 64> frame{};
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame.data(), .data_out = frame.data(), .data_size_in = frame.size(),
              .data_size_out = frame.size());
  if (bpf_prog_test_run_opts(program, &run) != 0) return fail_errno("the kernel does not run a program for a test");
  Moment out;
  std::memcpy(&out.jiffies, frame.data(), sizeof out.jiffies);
  std::memcpy(&out.ns, frame.data() + sizeof out.jiffies, sizeof out.ns);
  return out;
}

// The first moment seen at which jiffies are at least `least` more than at the start.
Result<Moment> read_edge(int program, std::uint64_t least) {
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 50'000};
  constexpr int kAttempts = 100'000;
  auto start = read(program);
  for (int attempt = 0; start && attempt < kAttempts; attempt++) {
    const auto now = read(program);
    if (!now || now->jiffies >= start->jiffies + least) return now;
    nanosleep(&kPause, nullptr);
  }
  return start ? fail(Code::System, "the kernel's clock stands still") : start;
}

}  // namespace

Ticks calibrate(const Moment& early, const Moment& late) {
  const double measured = static_cast<double>(late.ns - early.ns) / static_cast<double>(late.jiffies - early.jiffies);
  double jiffy = measured;
  for (const double hz : {100.0, 250.0, 300.0, 1000.0}) {
    if (std::fabs(measured * hz / kSecond - 1) < 0.1) jiffy = kSecond / hz;
  }
  Ticks out;
  while (jiffy * std::exp2(out.shift + 0.5) < kTick) out.shift++;
  out.length_ns = static_cast<std::uint64_t>(std::llround(jiffy * std::exp2(out.shift)));
  // Jiffies start at a count far from 0, so that this is before the clock's own zero: modulo 2^64 it works all the same.
  const std::uint64_t ticks = late.jiffies >> out.shift, rest = late.jiffies - (ticks << out.shift);
  out.zero_ns = late.ns - ticks * out.length_ns - static_cast<std::uint64_t>(static_cast<double>(rest) * jiffy);
  return out;
}

Result<Ticks> measure_ticks() {
  constexpr std::uint64_t kJiffies = 8;
  const auto program = load_reader();
  if (!program) return std::unexpected(program.error());
  const auto early = read_edge(program->get(), 1);
  if (!early) return std::unexpected(early.error());
  const auto late = read_edge(program->get(), kJiffies);
  if (!late) return std::unexpected(late.error());
  return calibrate(*early, *late);
}

}  // namespace hcd::fastpath
