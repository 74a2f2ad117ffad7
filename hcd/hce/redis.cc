#include "hcd/hce/redis.h"

#include <initializer_list>

#include <fmt/format.h>

namespace hcd::hce {
namespace {

constexpr std::string_view kQuit = "*1\r\n$4\r\nQUIT\r\n";

// An array of bulk strings: a password may hold any byte.
std::string command(std::initializer_list<std::string_view> words) {
  std::string out = fmt::format("*{}\r\n", words.size());
  for (const auto word : words) out += fmt::format("${}\r\n{}\r\n", word.size(), word);
  return out;
}

}  // namespace

std::string redis_request(const conf::Check& check) {
  std::string out;
  if (!check.peer.password.empty() && !check.peer.user.empty())
    out = command({"AUTH", check.peer.user, check.peer.password});
  if (!check.peer.password.empty() && check.peer.user.empty()) out = command({"AUTH", check.peer.password});
  return out + command({"PING"});
}

Redis::Redis() : Profile({ipc::Reason::RedisOk, ipc::Reason::RedisMalformed, ipc::Reason::RedisFailed}) {}

void Redis::start() {
  authenticating_ = !plan().check.peer.password.empty();
  say(plan().request);
}

std::size_t Redis::hear(std::string_view heard) {
  if (heard[0] != '+' && heard[0] != '-') return malformed("reply"), heard.size();
  const std::size_t end = heard.find("\r\n");
  if (end == std::string_view::npos) return 0;
  on_reply(heard.substr(0, end));
  return end + 2;
}

void Redis::on_reply(std::string_view line) {
  if (line.starts_with("-NOAUTH") && plan().check.peer.noauth) return pass(kQuit);
  if (line.starts_with('-')) return refused(0, line.substr(1), kQuit);
  if (std::exchange(authenticating_, false)) return line == "+OK" ? void() : malformed("reply to AUTH");
  return line == "+PONG" ? pass(kQuit) : malformed("reply to PING");
}

}  // namespace hcd::hce
