// target PORT [PINS]: the hosts that are checked, all of them, in whatever namespace it runs; and the stop-watch beside
// them, for with PINS it sees the kernel's tables change. It is told what to do by lines, and answers each with one:
//
//   wait N          until the tables hold N hosts                   N seconds
//   deaths N GAP    N hosts die one after the other, GAP ms apart   p50 p99: ms from a death to tables without it; and
//                                                                   p50 p99: from the first refused check to there
//   fail            all hosts of the tables die at once             N, ms from the first refusal to the last, ms from
//                                                                   the last to tables without hosts
//   revive          nobody is dead any more                         ok
//
// What takes longer than a minute is answered by "late".
#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <string>

#include <fmt/format.h>
#include <poll.h>

#include "fastpath/base/text.h"
#include "tools/bench/target/server.h"
#include "tools/bench/target/tables.h"

using namespace hcd;
using namespace hcd::bench;

namespace {

constexpr Seconds kLate{60};

double ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

std::string percentiles(std::vector<Duration>& times) {
  std::ranges::sort(times);
  const auto at = [&times](std::size_t percent) {
    return times.empty() ? 0 : ms(times[(times.size() - 1) * percent / 100]);
  };
  return fmt::format("{:.1f} {:.1f}", at(50), at(99));
}

class Watch {
 public:
  Watch(Server& server, std::string pins) : server_(server), pins_(std::move(pins)) {}

  std::string obey(const std::string& line) {
    const auto words = split(line, ' ');
    const auto number = [&words](std::size_t i) { return i < words.size() ? std::stoul(std::string(words[i])) : 0UL; };
    if (words.empty()) return "what?";
    if (words[0] == "revive") return server_.revive(), "ok";
    if (words[0] == "wait") return wait(number(1));
    if (!tables_) return "wait first";
    if (words[0] == "deaths") return deaths(number(1), Milliseconds(number(2)));
    if (words[0] == "fail") return fail_all();
    return "what?";
  }

 private:
  // Serves, and looks at the tables every half millisecond, until it is so.
  template <class So>
  bool until(So&& so, TimePoint end) {
    while (clock_.now() < end) {
      pollfd fd{.fd = server_.fd(), .events = POLLIN, .revents = 0};
      const timespec half_a_millisecond{.tv_sec = 0, .tv_nsec = 500'000};
      if (ppoll(&fd, 1, &half_a_millisecond, nullptr) > 0) server_.serve();
      tables_->look();
      if (so()) return true;
    }
    return false;
  }
  template <class So>
  bool until(So&& so) {
    return until(so, clock_.now() + kLate);
  }

  std::string wait(std::size_t hosts) {
    const auto begun = clock_.now();
    auto tables = Tables::open(pins_);  // anew: another daemon may have made others
    if (!tables) return tables.error().text;
    tables_ = std::move(*tables);
    if (!until([&] { return tables_->count() == hosts; })) return fmt::format("late: {} hosts", tables_->count());
    return fmt::format("{} {:.2f}", hosts, ms(clock_.now() - begun) / 1000);
  }

  std::string deaths(std::size_t wanted, Milliseconds gap) {
    struct Death {
      Address address;
      Tables::Host host;
      TimePoint begun, ended;
    };
    tables_->look();
    const auto all = tables_->hosts();
    std::vector<std::pair<Address, Tables::Host>> order(all.begin(), all.end());
    std::shuffle(order.begin(), order.end(), std::mt19937_64(std::random_device()()));
    order.resize(std::min(order.size(), wanted));
    std::vector<Death> out;
    std::size_t left = 0;
    const auto note = [&] {
      for (auto& death : out)
        if (death.ended == TimePoint() && !tables_->hold(death.host)) death.ended = clock_.now(), left--;
      return left == 0;
    };
    for (const auto& [address, host] : order) {
      server_.die(address);
      out.push_back({.address = address, .host = host, .begun = clock_.now(), .ended = {}});
      left++;
      until([&] { return note(), false; }, clock_.now() + gap);
    }
    if (!until(note)) return fmt::format("late: {} hosts", left);
    std::vector<Duration> whole, rest;
    for (const auto& death : out) {
      whole.push_back(death.ended - death.begun);
      rest.push_back(death.ended - server_.refusals().at(death.address));
    }
    return percentiles(whole) + " " + percentiles(rest);
  }

  std::string fail_all() {
    tables_->look();
    const auto all = tables_->hosts();
    for (const auto& [address, host] : all) server_.die(address);
    if (!until([&] { return tables_->count() == 0 && server_.refused() == all.size(); }))
      return fmt::format("late: {} hosts, {} refused", tables_->count(), server_.refused());
    const auto ended = clock_.now();
    std::vector<TimePoint> refusals;
    for (const auto& [address, when] : server_.refusals()) refusals.push_back(when);
    const auto [first, last] = std::ranges::minmax(refusals);
    return fmt::format("{} {:.1f} {:.1f}", all.size(), ms(last - first), ms(ended - last));
  }

  SystemClock clock_;
  Server& server_;
  std::string pins_;
  std::optional<Tables> tables_;
};

// Lines from the standard input, served meanwhile.
int run(Server& server, Watch& watch) {
  std::string text;
  while (true) {
    std::array<pollfd, 2> fds{
        {{.fd = server.fd(), .events = POLLIN, .revents = 0}, {.fd = 0, .events = POLLIN, .revents = 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return 1;
    if (fds[0].revents != 0) server.serve();
    if (fds[1].revents == 0) continue;
    std::array<char, 256> bytes;
    const ssize_t got = read(0, bytes.data(), bytes.size());
    if (got <= 0) return 0;
    text.append(bytes.data(), static_cast<std::size_t>(got));
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      std::printf("%s\n", watch.obey(text.substr(0, end)).c_str());
      std::fflush(stdout);
      text.erase(0, end + 1);
    }
  }
}

int refuse(const Error& error) {
  std::fprintf(stderr, "target: %s\n", error.text.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: target PORT [PINS]\n");
    return 2;
  }
  auto server = Server::open(static_cast<std::uint16_t>(std::atoi(argv[1])));
  if (!server) return refuse(server.error());
  Watch watch(*server, argc > 2 ? argv[2] : "");
  return run(*server, watch);
}
