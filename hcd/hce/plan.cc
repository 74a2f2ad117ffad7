#include "hcd/hce/plan.h"

#include "hcd/hce/kind.h"
#include "hcd/hce/pace.h"

namespace hcd::hce {
namespace {

Status validate(const conf::Table& table) {
  if (table.timeout <= Milliseconds(0) || table.interval <= Seconds(0))
    return fail(Code::Invalid, "timeout and interval must be above zero");
  if (table.interval > Seconds(1 << 24) || table.timeout > Seconds(1 << 24))
    return fail(Code::Invalid, "timeout or interval is longer than half a year");
  if (table.port == 0 && kind_of(table.check.type).port) return fail(Code::Invalid, "the check needs a port");
  if (table.check.type == conf::CheckType::Tls && !table.check.tls)
    return fail(Code::Invalid, "a check of TLS is made over it");
  return check_pace(table.pace, table.judgement);
}

}  // namespace

Result<Plan> make_plan(const conf::Table& table, std::shared_ptr<const tls::Authorities> authorities) {
  if (auto status = validate(table); !status) return fail_in("table " + table.name, status.error());
  Plan plan{.port = table.port,
            .check = table.check,
            .timeout = table.timeout,
            .interval = table.interval,
            .pace = table.pace,
            .judgement = table.judgement,
            .request = {},
            .prepared = {},
            .authorities = {},
            .tls = {}};
  if (const auto& tls = table.check.tls) {
    if (tls->verify && !authorities)
      return fail(Code::Invalid, "table " + table.name + ": no certificates to verify by");
    if (tls->verify) plan.authorities = std::move(authorities);
    plan.tls = std::make_shared<const tls::ClientContext>(tls::ClientContext::Options{
        .verify_by = plan.authorities,
        .alpn = tls->alpn.empty() ? std::string(kind_of(table.check.type).alpn) : tls->alpn});
  }
  if (const auto prepare = kind_of(table.check.type).prepare)
    if (auto status = prepare(table.check, plan); !status) return fail_in("table " + table.name, status.error());
  return plan;
}

std::string check_text(const conf::Check& check) {
  return std::string(kind_of(check.type).name) + (check.tls ? " use tls" : "");
}

}  // namespace hcd::hce
