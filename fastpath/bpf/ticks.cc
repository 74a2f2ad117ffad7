#include "fastpath/bpf/ticks.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <time.h>

#include "fastpath/base/unique_fd.h"

namespace hcd::fastpath {
namespace {

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
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  run.data_in = run.data_out = frame.data();
  run.data_size_in = run.data_size_out = frame.size();
  if (bpf_prog_test_run_opts(program, &run) != 0) return fail_errno("the kernel does not run a program for a test");
  Moment out;
  std::memcpy(&out.jiffies, frame.data(), sizeof out.jiffies);
  std::memcpy(&out.ns, frame.data() + sizeof out.jiffies, sizeof out.ns);
  return out;
}

// When the count of jiffies was 0, by the reading that lags least; modulo 2^64, as counting starts far from 0.
std::uint64_t zero_by(std::span<const Moment> readings, std::uint64_t jiffy) {
  const auto zero = [&](const Moment& reading) { return reading.ns - reading.jiffies * jiffy; };
  std::uint64_t least = zero(readings.front());
  for (const Moment& reading : readings) {
    if (static_cast<std::int64_t>(zero(reading) - least) < 0) least = zero(reading);
  }
  return least;
}

}  // namespace

Ticks calibrate(std::span<const Moment> readings) {
  constexpr std::uint64_t kSecond = 1'000'000'000, kTick = 64'000'000;
  const std::size_t half = readings.size() / 2;
  std::uint64_t jiffy = 0, least = UINT64_MAX;
  for (const std::uint64_t hz : {1000, 300, 250, 100}) {
    const std::uint64_t early = zero_by(readings.first(half), kSecond / hz),
                        late = zero_by(readings.subspan(half), kSecond / hz);
    const auto apart = static_cast<std::uint64_t>(std::abs(static_cast<std::int64_t>(late - early)));
    if (apart >= least) continue;
    least = apart;
    jiffy = kSecond / hz;
  }
  Ticks out;
  while (jiffy << out.shift < kTick * 3 / 4) out.shift++;  // the nearest power of two
  out.length_ns = jiffy << out.shift;
  out.zero_ns = zero_by(readings, jiffy);
  return out;
}

Result<Ticks> measure_ticks() {
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 1'000'000};
  constexpr int kReadings = 250;
  const auto program = load_reader();
  if (!program) return std::unexpected(program.error());
  std::vector<Moment> readings;
  for (int i = 0; i < kReadings; i++) {
    const auto reading = read(program->get());
    if (!reading) return std::unexpected(reading.error());
    readings.push_back(*reading);
    nanosleep(&kPause, nullptr);
  }
  return calibrate(readings);
}

}  // namespace hcd::fastpath
