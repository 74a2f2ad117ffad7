// Any bytes from a server that a check converses with: the first byte tells which protocol, the second in what pieces they
// come. However they come, the conversation ends or waits for more, within its bounds.
#include <cstdlib>
#include <memory>

#include "hcd/hce/grpc.h"
#include "hcd/hce/ldap.h"
#include "hcd/hce/mysql.h"
#include "hcd/hce/peer.h"
#include "hcd/hce/postgres.h"
#include "hcd/hce/redis.h"
#include "hcd/hce/smtp.h"

using namespace hcd;
using namespace hcd::hce;

namespace {

// Brings the bytes in pieces, takes all that is written, then falls silent.
class Feed final : public tls::Stream {
 public:
  Feed(std::string_view bytes, std::size_t piece) : left_(bytes), piece_(piece) {}
  tls::Io handshake() override { return {What::Done}; }
  tls::Io read(std::span<char> out) override {
    if (left_.empty()) return {What::WantRead};
    const std::size_t size = left_.substr(0, piece_).copy(out.data(), out.size());
    left_.remove_prefix(size);
    return {What::Done, size};
  }
  tls::Io write(std::string_view bytes) override { return {What::Done, bytes.size()}; }
  [[nodiscard]] bool encrypted() const override { return false; }
  [[nodiscard]] std::string error() const override { return {}; }

 private:
  using What = tls::Io::What;
  std::string_view left_;
  std::size_t piece_;
};

struct Peer {
  std::unique_ptr<Profile> profile;
  Plan plan;
};

template <class P>
Peer peer(conf::CheckType type, bool starttls, const char* user) {
  Peer out{.profile = std::make_unique<P>(), .plan = {}};
  out.plan.check.type = type;
  out.plan.check.peer.starttls = starttls;
  out.plan.check.peer.user = user;
  if (type == conf::CheckType::Redis && *user != '\0') out.plan.check.peer.password = "secret";
  if (starttls) out.plan.check.tls.emplace();
  const bool grpc = type == conf::CheckType::Grpc;
  if (!(grpc ? prepare_grpc : prepare_peer)(out.plan.check, out.plan)) abort();
  return out;
}

std::vector<Peer> all() {
  std::vector<Peer> out;
  for (const char* user : {"", "me"}) {
    out.push_back(peer<Redis>(conf::CheckType::Redis, false, user));
    for (const bool starttls : {false, true}) {
      out.push_back(peer<Mysql>(conf::CheckType::Mysql, starttls, user));
      out.push_back(peer<Postgres>(conf::CheckType::Postgres, starttls, user));
    }
  }
  for (const bool starttls : {false, true}) {
    out.push_back(peer<Smtp>(conf::CheckType::Smtp, starttls, ""));
    out.push_back(peer<Ldap>(conf::CheckType::Ldap, starttls, ""));
  }
  out.push_back(peer<Grpc>(conf::CheckType::Grpc, false, ""));
  return out;
}

ipc::Reason converse(Peer& with, std::string_view bytes, std::size_t piece) {
  Feed feed(bytes, piece);
  with.profile->begin(with.plan);
  Verdict verdict;
  for (std::size_t i = 0; i < 3 * bytes.size() + 16; i++) {
    const Step step = with.profile->run(feed, verdict);
    if (step == Step::WaitRead || step == Step::WaitWrite) return ipc::Reason::None;
    if (step == Step::Done && with.profile->wants_tls()) return ipc::Reason::TlsConnectOk;
    if (verdict.detail.size() > 128) abort();
    if (step == Step::Done) return verdict.reason;
  }
  abort();  // it never ended
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::vector<Peer> peers = all();
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  converse(peers[data[0] % peers.size()], bytes, data[1] + 1U);
  converse(peers[data[0] % peers.size()], bytes, 1);
  return 0;
}
