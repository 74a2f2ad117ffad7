// One check of one host by the Runner, from its start to its verdict, in a loop of the test's.
#pragma once
#include <string>

#include "hcd/event/libevent_loop.h"
#include "hcd/hce/runner.h"

namespace hcd::test {

struct Checking {
  event::LibeventLoop loop;
  std::uint32_t certificate = 0;  // when it ends, as the last check has seen

  // "dns mismatch (NXDOMAIN)"; "refused: ..." where the plan was.
  std::string told(const conf::Check& check, const char* address, std::uint16_t port,
                   Milliseconds timeout = Milliseconds(300),
                   std::shared_ptr<const tls::Authorities> authorities = nullptr) {
    conf::Table table;
    table.name = "t";
    table.port = port;
    table.check = check;
    table.timeout = timeout;
    const auto plan = hce::make_plan(table, std::move(authorities));
    if (!plan) return "refused: " + plan.error().text;
    conf::Host host;
    host.name = address;
    host.address = *Address::parse(address);
    std::string out = "no verdict";
    hce::Subject subject(host, *plan);
    hce::Runner runner(loop, {}, {.running = 10, .burst = 10},
                       [&](hce::Subject&, const hce::Verdict& verdict, Duration) {
                         if (out == "no verdict") out = text_of(verdict);
                         loop.stop();
                       });
    const auto give_up = loop.timer([this] { loop.stop(); });
    give_up->after(Seconds(5));
    runner.watch(subject);
    loop.run();
    runner.forget(subject);
    certificate = subject.certificate;
    return out;
  }

 private:
  static std::string text_of(const hce::Verdict& verdict) {
    std::string out(ipc::reason_text(verdict.reason));
    if (verdict.code != 0) out += " " + std::to_string(verdict.code);
    return verdict.detail.empty() ? out : out + " (" + verdict.detail + ")";
  }
};

}  // namespace hcd::test
