#include "hcd/hce/smtp.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::hce {
namespace {

constexpr std::size_t kLineMax = 1024;  // RFC 5321 4.5.3.1.5: 512, and some room for who does not keep to it
constexpr std::string_view kQuit = "QUIT\r\n";

bool is_starttls(std::string_view keyword) {  // in whatever case: RFC 5321 2.4
  constexpr std::string_view kWord = "STARTTLS";
  return std::ranges::equal(keyword, kWord, {}, [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
}

}  // namespace

std::string smtp_request(const conf::Check& check) {
  return "EHLO " + (check.peer.name.empty() ? std::string("localhost") : check.peer.name) + "\r\n";
}

Smtp::Smtp() : Profile({ipc::Reason::SmtpOk, ipc::Reason::SmtpMalformed, ipc::Reason::SmtpFailed}) {}

void Smtp::start() {
  phase_ = Phase::Greeting;
  code_ = 0;
  offered_ = false;
}

void Smtp::secured() {
  phase_ = Phase::HelloAgain;
  say(plan().request);
}

std::size_t Smtp::hear(std::string_view heard) {
  const std::size_t end = heard.find('\n');
  if (end == std::string_view::npos) {
    if (heard.size() > kLineMax) malformed("line too long");
    if (heard[0] < '2' || heard[0] > '5') malformed("reply");  // garbage is told at once, not when its line ends
    return 0;
  }
  std::string_view line = heard.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  line.size() > kLineMax ? malformed("line too long") : on_line(line);
  return end + 1;
}

// "250-first", "250 last", or the code alone; the same code in every line of a reply.
void Smtp::on_line(std::string_view line) {
  const auto code = parse_number<std::uint16_t>(line.substr(0, 3), 200, 599);
  const char separator = line.size() > 3 ? line[3] : ' ';
  if (!code || (separator != ' ' && separator != '-')) return malformed("reply");
  if (code_ != 0 && code_ != *code) return malformed("reply of two codes");
  const std::string_view text = line.substr(std::min<std::size_t>(line.size(), 4));
  offered_ |= phase_ == Phase::Hello && is_starttls(text);
  code_ = separator == '-' ? *code : std::uint16_t{0};
  if (separator == ' ') on_reply(*code, text);
}

void Smtp::on_reply(std::uint16_t code, std::string_view text) {
  const bool positive = code == (phase_ == Phase::Greeting || phase_ == Phase::StartTls ? 220 : 250);
  if (!positive) return refused(code, text, kQuit);
  switch (phase_) {
    case Phase::Greeting: phase_ = Phase::Hello; return say(plan().request);
    case Phase::Hello:
      if (!plan().check.peer.starttls) return pass(kQuit);
      if (!offered_) return refused(0, "no STARTTLS", kQuit);
      phase_ = Phase::StartTls;
      return say("STARTTLS\r\n");
    case Phase::StartTls: return secure();
    case Phase::HelloAgain: return pass(kQuit);
  }
}

}  // namespace hcd::hce
