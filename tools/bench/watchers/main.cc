// watchers SOCKET COUNT reads|stops|never: so many subscribers as hctop is one, until the standard input ends. They read all that
// comes, or the first snapshot alone, or nothing. Says "there" once each has got so far.
#include <atomic>
#include <cstdio>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include "fastpath/base/text.h"
#include "hcd/ctl/client.h"

using namespace hcd;

namespace {

enum class Reads : std::uint8_t { All, Snapshot, Nothing };

constexpr ctl::Subscribe kAsHctop = {.scope = {.numbers = true, .checks = ctl::Scope::kChecksMax, .events = 500},
                                     .beats = true};

Result<ctl::Client> subscriber(const std::string& socket) {
  auto client = ctl::Client::connect(socket, Milliseconds(30'000));
  if (!client) return client;
  if (const auto welcome = client->hello("watchers"); !welcome) return std::unexpected(welcome.error());
  if (auto done = client->subscribe(kAsHctop); !done) return std::unexpected(done.error());
  return client;
}

[[noreturn]] void end(int status) {
  std::fflush(stdout);
  _exit(status);  // with the threads in the middle of a read
}

void watch(ctl::Client& client, Reads reads, std::atomic<unsigned>& there) {
  bool whole = reads == Reads::Nothing;
  while (!whole || reads == Reads::All) {
    const auto update = client.next();
    if (!update) {
      std::fprintf(stderr, "watchers: %s\n", update.error().text.c_str());
      end(1);
    }
    if (!whole && std::holds_alternative<ctl::End>(*update)) {
      whole = true;
      there++;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = argc == 4 ? parse_number<unsigned>(argv[2], 0, 90) : std::nullopt;
  const std::string_view how = argc == 4 ? argv[3] : "";
  if (!count || (how != "reads" && how != "stops" && how != "never")) {
    std::fprintf(stderr, "usage: watchers SOCKET COUNT reads|stops|never\n");
    return 2;
  }
  const Reads reads = how == "reads" ? Reads::All : how == "stops" ? Reads::Snapshot : Reads::Nothing;
  std::atomic<unsigned> there = reads == Reads::Nothing ? *count : 0;
  std::vector<ctl::Client> clients;
  for (unsigned i = 0; i < *count; i++) {
    auto client = subscriber(argv[1]);
    if (!client) {
      std::fprintf(stderr, "watchers: %s\n", client.error().text.c_str());
      return 1;
    }
    clients.push_back(std::move(*client));
  }
  std::vector<std::thread> threads;
  for (auto& client : clients) threads.emplace_back([&client, reads, &there] { watch(client, reads, there); });
  while (there < *count) std::this_thread::sleep_for(Milliseconds(10));
  std::puts("there");
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  end(0);
}
