#include "hcd/hce/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "hcd/hce/pace.h"

namespace hcd::hce {
namespace {

// HTTP/1.1 obliges to name the host, so without one the check speaks 1.0, as hoststated does.
std::string http_request(const conf::Check& check) {
  const bool code = check.type == conf::CheckType::HttpCode;
  std::string request =
      fmt::format("{} {} HTTP/1.{}\r\n", code ? "HEAD" : "GET", check.path, check.host.empty() ? '0' : '1');
  if (!check.host.empty()) request += fmt::format("Host: {}\r\n", check.host);
  return request + "User-Agent: hcd/" HCD_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

std::size_t digest_size(conf::DigestType type) {
  return type == conf::DigestType::Md5 ? 16 : type == conf::DigestType::Sha1 ? 20 : 32;
}

Status validate(const conf::Table& table) {
  using conf::CheckType;
  const conf::Check& check = table.check;
  const bool http = check.type == CheckType::HttpCode || check.type == CheckType::HttpDigest;
  if (table.timeout <= Milliseconds(0) || table.interval <= Seconds(0))
    return fail(Code::Invalid, "timeout and interval must be above zero");
  if (table.interval > Seconds(1 << 24) || table.timeout > Seconds(1 << 24))
    return fail(Code::Invalid, "timeout or interval is longer than half a year");
  if (table.port == 0 && check.type != CheckType::None && check.type != CheckType::Icmp)
    return fail(Code::Invalid, "the check needs a port");
  if (http && (check.path.empty() || has_controls(check.path) || has_controls(check.host)))
    return fail(Code::Invalid, "the check's path or host cannot stand in a request");
  if (check.type == CheckType::HttpDigest && check.digest.size() != digest_size(check.digest_type))
    return fail(Code::Invalid, "the digest's length does not fit its type");
  return check_pace(table.pace, table.judgement);
}

}  // namespace

Result<Plan> make_plan(const conf::Table& table) {
  if (auto status = validate(table); !status) return fail_in("table " + table.name, status.error());
  Plan plan{.port = table.port,
            .check = table.check,
            .timeout = table.timeout,
            .interval = table.interval,
            .pace = table.pace,
            .judgement = table.judgement,
            .request = {}};
  if (table.check.type == conf::CheckType::HttpCode || table.check.type == conf::CheckType::HttpDigest)
    plan.request = http_request(table.check);
  return plan;
}

std::string check_text(const conf::Check& check) {
  static constexpr std::array<const char*, 5> kNames = {"none", "icmp", "tcp", "http code", "http digest"};
  return std::string(kNames[static_cast<std::size_t>(check.type)]) + (check.tls ? " use tls" : "");
}

}  // namespace hcd::hce
