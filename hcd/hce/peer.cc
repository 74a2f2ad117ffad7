#include "hcd/hce/peer.h"

#include <algorithm>

#include "hcd/hce/postgres.h"
#include "hcd/hce/profile.h"
#include "hcd/hce/redis.h"
#include "hcd/hce/smtp.h"

namespace hcd::hce {
namespace {

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

}  // namespace

Status prepare_peer(const conf::Check& check, Plan& plan) {
  const conf::PeerCheck& peer = check.peer;
  for (const std::string* word : {&peer.user, &peer.password})
    if (word->size() > conf::kPeerWordMax) return fail(Code::Invalid, "the check's user or password is too long");
  for (const std::string* word : {&peer.name, &peer.user, &peer.password})
    if (has_controls(*word)) return fail(Code::Invalid, "the check's words hold a control character");
  if (peer.starttls && !check.tls) return fail(Code::Invalid, "the check begins TLS and has none");
  switch (check.type) {
    case conf::CheckType::Redis: plan.request = redis_request(check); break;
    case conf::CheckType::Postgres: plan.request = postgres_request(check); break;
    case conf::CheckType::Smtp: plan.request = smtp_request(check); break;
    default: break;
  }
  if (plan.request.size() > Profile::kSayMax) return fail(Code::Invalid, "the check's words are too long");
  return {};
}

}  // namespace hcd::hce
