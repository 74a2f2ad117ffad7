// churn SOCKET RATE SECONDS: an operator who drains a host and lets it go again, RATE times a second, one host after the other:
// so many rows change, and so many events are told.
#include <cstdio>
#include <thread>

#include "fastpath/base/text.h"
#include "hcd/ctl/client.h"

using namespace hcd;

namespace {

int fail_with(const std::string& text) {
  std::fprintf(stderr, "churn: %s\n", text.c_str());
  return 1;
}

Result<void> turn(ctl::Client& client, const ctl::HostRow& host, bool drain) {
  ctl::Outcome outcome;
  const auto answer = client.change({.kind = ctl::Kind::Host,
                                     .action = drain ? ctl::Action::Drain : ctl::Action::Undrain,
                                     .targets = {{.text = std::to_string(host.id), .generation = {}}}},
                                    outcome);
  if (!answer) return std::unexpected(answer.error());
  if (answer->verdict != ctl::Verdict::Done) return fail(Code::Invalid, answer->text);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto rate = argc == 4 ? parse_number<unsigned>(argv[2], 1, 10'000) : std::nullopt;
  const auto seconds = argc == 4 ? parse_number<unsigned>(argv[3], 1, 3600) : std::nullopt;
  if (!rate || !seconds) return fail_with("usage: churn SOCKET RATE SECONDS");
  auto client = ctl::Client::connect(argv[1], Milliseconds(10'000));
  if (!client) return fail_with(client.error().text);
  if (const auto welcome = client->hello("churn"); !welcome) return fail_with(welcome.error().text);
  const auto snapshot = client->show();
  if (!snapshot || snapshot->hosts.empty()) return fail_with("there are no hosts");
  const auto begun = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < *rate * *seconds; i++) {
    std::this_thread::sleep_until(begun + std::chrono::nanoseconds(1'000'000'000ULL * i / *rate));
    const auto& host = snapshot->hosts[i / 2 % snapshot->hosts.size()];
    if (const auto done = turn(*client, host, i % 2 == 0); !done) return fail_with(done.error().text);
  }
  return 0;
}
