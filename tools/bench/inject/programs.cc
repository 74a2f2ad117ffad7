#include "tools/bench/inject/programs.h"

#include <algorithm>
#include <cstring>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <inject.skel.h>
#include <linux/if_link.h>

namespace hcd::bench {
namespace {

constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);  // newer than the headers of Debian 12

int program_fd(const bpf_program* program) {
  return bpf_program__fd(program);
}

}  // namespace

Programs::Programs() : skeleton_(inject__open(), inject__destroy) {}
Programs::Programs(Programs&&) noexcept = default;
Programs& Programs::operator=(Programs&&) noexcept = default;
Programs::~Programs() = default;

Result<Programs> Programs::load(const Plan& plan, const inject_template& like, const Link& from) {
  Programs programs;
  if (!programs.skeleton_) return fail_errno("open the generator's programs");
  auto& settings = *programs.skeleton_->rodata;
  settings.flows = plan.kind == Flows::New ? ~0U : plan.flows;
  settings.first = plan.first;
  settings.out_ifindex = static_cast<unsigned>(from.ifindex);
  if (plan.director == Director::Bounce) {
    const auto server = find_link(plan.netns("srv1"), "eth0");
    const auto towards = find_link(plan.netns("director"), "srv1");
    if (!server) return std::unexpected(server.error());
    if (!towards) return std::unexpected(towards.error());
    std::ranges::copy(server->mac, settings.bounce_to);
    settings.bounce_ifindex = static_cast<unsigned>(towards->ifindex);
  }
  if (inject__load(programs.skeleton_.get()) != 0) return fail_errno("load the generator's programs");
  std::memcpy(&programs.skeleton_->bss->like, &like, sizeof like);
  return programs;
}

Status Programs::attach_at(const std::string& netns, const std::string& interface, int xdp, int tc) {
  const auto link = find_link(netns, interface);
  if (!link) return std::unexpected(link.error());
  const auto inside = Inside::enter(netns);
  if (!inside) return std::unexpected(inside.error());
  if (xdp >= 0) {
    const bpf_link_create_opts options{.sz = sizeof options, .flags = XDP_FLAGS_DRV_MODE};
    links_.emplace_back(bpf_link_create(xdp, link->ifindex, BPF_XDP, &options));
    if (!links_.back()) return fail_errno(netns + ": attach XDP to " + interface);
  }
  if (tc >= 0) {
    links_.emplace_back(bpf_link_create(tc, link->ifindex, kTcxIngress, nullptr));
    if (!links_.back()) return fail_errno(netns + ": attach tc to " + interface);
  }
  return {};
}

Status Programs::attach(const Plan& plan) {
  const auto& programs = skeleton_->progs;
  const bool frames = plan.source == Source::Frames;
  const int count_xdp = plan.receive_frames ? program_fd(programs.count_frame) : -1;
  const int count_tc = program_fd(programs.count_buffer);
  std::vector<std::string> ends{"client"};
  for (unsigned n = 1; n <= plan.servers; ++n) ends.push_back("srv" + std::to_string(n));
  for (const auto& end : ends)
    if (const auto done = attach_at(plan.netns(end), "eth0", count_xdp, count_tc); !done) return done;
  if (plan.director == Director::AsIs) return {};
  const bool sink = plan.director == Director::Sink;
  const int xdp = program_fd(sink ? programs.count_frame : programs.bounce_frame);
  const int tc = program_fd(sink ? programs.count_buffer : programs.bounce_buffer);
  return attach_at(plan.netns("director"), "trunk0", frames ? xdp : -1, frames ? -1 : tc);
}

void Programs::answer(bool on) {
  skeleton_->bss->answering = on;
}

int Programs::frame_writer() const {
  return program_fd(skeleton_->progs.inject_frame);
}

Programs::Delivered Programs::delivered() const {
  const int map = bpf_map__fd(skeleton_->maps.delivered);
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(std::max(1, libbpf_num_possible_cpus())));
  std::uint64_t total[2] = {};
  for (std::uint32_t way = 0; way < 2; ++way)
    if (bpf_map_lookup_elem(map, &way, per_cpu.data()) == 0)
      for (const auto count : per_cpu) total[way] += count;
  return {.to_servers = total[0], .to_clients = total[1]};
}

}  // namespace hcd::bench
