#include "tools/hcpfctl/follow.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>

#include "fastpath/bpf/events.h"
#include "fastpath/table.h"
#include "tools/hcpfctl/render_event.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Event;
using fastpath::EventWish;

constexpr std::size_t kAtOnce = 256;              // events between two looks at the clock
constexpr Milliseconds kLook = Milliseconds(50);  // the ring wakes nobody before it fills
constexpr std::uint32_t kPackets = 100;           // -s packets: one in so many, unless -l says another

volatile sig_atomic_t stopped = 0;

// Signals end the loop as long as this lives.
class Signals {
 public:
  Signals() {
    struct sigaction action{};
    action.sa_handler = [](int) { stopped = 1; };
    for (std::size_t i = 0; i < std::size(kSignals); i++) sigaction(kSignals[i], &action, &before_[i]);
  }
  ~Signals() {
    for (std::size_t i = 0; i < std::size(kSignals); i++) sigaction(kSignals[i], &before_[i], nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before_[std::size(kSignals)]{};
};

EventWish wish_of(const Options& options) {
  switch (options.show) {
    case Show::Packets: return {.states = false, .one_in = options.one_in == 0 ? kPackets : options.one_in};
    case Show::Drops: return {.states = false, .one_in = std::max(options.one_in, 1U), .reasons = drop_reasons()};
    default: return {.one_in = options.one_in};
  }
}

class Follower {
 public:
  Follower(const Options& options, const fastpath::KernelMaps& maps, const Clock& clock)
      : options_(options), views_(maps.views()), ring_(maps.events()), clock_(clock), wish_(wish_of(options)) {}

  Status run() {
    const Signals signals;
    end_ = options_.wait ? clock_.now() + *options_.wait : TimePoint::max();
    if (auto opened = open(); !opened) return opened;
    tell(reading());
    while (stopped == 0 && !enough() && clock_.now() < end_) {
      if (auto kept = events_->keep(clock_.now()); !kept) return kept;
      const auto read = events_->read(kAtOnce, clock_.now(), [&](const Event& event) { show(event); });
      if (!read) return std::unexpected(read.error());
      show_gap();
      if (std::fflush(stdout) != 0) return fail_errno("standard output");
      if (*read == 0) pause();
    }
    tell(sum());
    return {};
  }

 private:
  // A reader that was killed has the place until its time is over.
  Status open() {
    const TimePoint patience = std::min(clock_.now() + fastpath::Events::kLease + Seconds(1), end_);
    for (;;) {
      auto ring = fastpath::EventRing::map(ring_);
      if (!ring) return std::unexpected(ring.error());
      auto opened = fastpath::Events::open(views_, std::move(*ring), wish_, clock_.now());
      if (opened) {
        events_ = std::move(*opened);
        return {};
      }
      if (opened.error().code != Code::Limit || clock_.now() >= patience || stopped != 0)
        return std::unexpected(opened.error());
      poll(nullptr, 0, static_cast<int>(kLook.count()));
    }
  }

  [[nodiscard]] bool enough() const { return options_.count != 0 && shown_ >= options_.count; }

  void pause() const {
    const auto left = std::chrono::ceil<Milliseconds>(end_ - clock_.now());
    pollfd ring{.fd = ring_, .events = POLLIN, .revents = 0};
    poll(&ring, 1, static_cast<int>(std::clamp(left, Milliseconds(0), kLook).count()));
  }

  [[nodiscard]] bool is_wanted(const EventLine& line) const {
    if (!options_.covers(line.anchor)) return false;
    const Event& event = line.event;
    return options_.only.empty() || std::ranges::any_of(options_.only, [&](const fastpath::Network& network) {
             return holds(network, event.from) || holds(network, event.to) || holds(network, event.host);
           });
  }

  void show(const Event& event) {
    const EventLine line = line_of(event);
    if (enough() || !is_wanted(line)) return;
    shown_++;
    print(options_.json ? event_json(line) : event_text(line, options_.verbose));
  }

  EventLine line_of(const Event& event) {
    const auto ago = std::chrono::duration_cast<Milliseconds>(clock_.now() - event.at);
    EventLine out{.event = event,
                  .wall_ms = clock_.wall_ms() - ago.count(),
                  .one_in = std::max(wish_.one_in, 1U),
                  .creator = static_cast<std::uint32_t>(views_.globals->since)};
    if (auto rule = fastpath::rule_name(views_, event.rule)) {
      out.anchor = std::move(rule->anchor);
      out.label = std::move(rule->label);
      out.rule = rule->number;
    }
    if (auto table = fastpath::table_name(views_, event.table)) out.table = std::move(table->name);
    if (event.kind == abi::HCD_EVENT_DECISION) out.interface = interface(event.interface);
    return out;
  }

  const std::string& interface(std::uint32_t index) {
    const auto [at, fresh] = interfaces_.try_emplace(index);
    char name[IF_NAMESIZE] = {};
    if (fresh) at->second = if_indextoname(index, name) != nullptr ? name : fmt::format("#{}", index);
    return at->second;
  }

  void show_gap() {
    const auto now = events_->untold();
    if (now == untold_) return;
    const auto when = clock_.wall_ms();
    print(options_.json ? gap_json(untold_, now, when) : gap_text(untold_, now, when));
    untold_ = now;
  }

  [[nodiscard]] std::string reading() const {
    std::string out = wish_.states ? "births and deaths of states" : "";
    if (wish_.one_in == 0) return "reading " + out + "\n";
    const char* what = wish_.reasons == 0 ? "packet" : "dropped packet";
    return fmt::format("reading {}{}one {} in {}\n", out, out.empty() ? "" : ", ", what, wish_.one_in);
  }
  [[nodiscard]] std::string sum() const {
    return fmt::format("{} events shown, {} lost, {} states ended by a tool\n", shown_, untold_.lost, untold_.killed);
  }

  void tell(const std::string& text) const {
    if (!options_.quiet) std::fputs(text.c_str(), stderr);
  }
  static void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  const Options& options_;
  const fastpath::Views& views_;
  int ring_;
  const Clock& clock_;
  EventWish wish_;
  TimePoint end_{};
  std::unique_ptr<fastpath::Events> events_;
  std::uint64_t shown_ = 0;
  fastpath::Events::Untold untold_;
  std::map<std::uint32_t, std::string> interfaces_;
};

}  // namespace

Status follow(const Options& options, const fastpath::KernelMaps& maps, const Clock& clock) {
  return Follower(options, maps, clock).run();
}

}  // namespace hcd::hcpfctl
