#include "hcd/hce/kind.h"

#include <set>

#include "hcd/ipc/messages.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

TEST_GROUP(Kind){Status plan_of(conf::CheckType type, std::uint16_t port){conf::Table table;
table.name = "t";
table.port = port;
table.check.type = type;
if (auto plan = make_plan(table); !plan) return std::unexpected(plan.error());
return {};
}
}
;

TEST(Kind, every_kind_but_none_is_run) {
  for (unsigned i = 1; i <= static_cast<unsigned>(last_of(conf::CheckType{})); i++) {
    const auto& kind = kind_of(static_cast<conf::CheckType>(i));
    CHECK(!kind.name.empty());
    CHECK(kind.make != nullptr);
  }
}

TEST(Kind, a_check_of_a_port_needs_one) {
  CHECK(plan_of(conf::CheckType::Tcp, 80).has_value());
  CHECK(!plan_of(conf::CheckType::Tcp, 0));
  CHECK(plan_of(conf::CheckType::Icmp, 0).has_value());
}

TEST(Kind, a_handshake_alone_is_made_over_tls) {
  CHECK(!plan_of(conf::CheckType::Tls, 443));
}

TEST(Kind, what_the_ancestors_have_reasons_for_is_told_in_their_words) {
  using ipc::Reason;
  const std::pair<Reason, std::string_view> words[] = {
      {Reason::None, "none"},
      {Reason::Aborted, "aborted"},
      {Reason::IntervalTimeout, "interval timeout"},
      {Reason::IcmpOk, "icmp ok"},
      {Reason::IcmpReadTimeout, "icmp read timeout"},
      {Reason::IcmpWriteTimeout, "icmp write timeout"},
      {Reason::TcpConnectOk, "tcp connect ok"},
      {Reason::TcpConnectFailed, "tcp connect failed"},
      {Reason::TcpConnectTimeout, "tcp connect timeout"},
      {Reason::TcpWriteTimeout, "tcp write timeout"},
      {Reason::TcpWriteFailed, "tcp write failed"},
      {Reason::TcpReadTimeout, "tcp read timeout"},
      {Reason::TcpReadFailed, "tcp read failed"},
      {Reason::ScriptOk, "script ok"},
      {Reason::ScriptFailed, "script failed"},
      {Reason::TlsConnectOk, "tls connect ok"},
      {Reason::TlsConnectFailed, "tls connect failed"},
      {Reason::TlsConnectTimeout, "tls connect timeout"},
      {Reason::TlsConnectError, "tls connect error"},
      {Reason::TlsReadTimeout, "tls read timeout"},
      {Reason::TlsReadError, "tls read error"},
      {Reason::TlsWriteTimeout, "tls write timeout"},
      {Reason::TlsWriteError, "tls write error"},
      {Reason::SendExpectOk, "send/expect ok"},
      {Reason::SendExpectFailed, "send/expect failed"},
      {Reason::HttpCodeOk, "http code ok"},
      {Reason::HttpCodeMalformed, "http code malformed"},
      {Reason::HttpCodeMismatch, "http code mismatch"},
      {Reason::HttpDigestOk, "http digest ok"},
      {Reason::HttpDigestMalformed, "http digest malformed"},
      {Reason::HttpDigestMismatch, "http digest mismatch"},
  };
  for (const auto& [reason, text] : words)
    STRCMP_EQUAL(std::string(text).c_str(), std::string(ipc::reason_text(reason)).c_str());
}

TEST(Kind, every_reason_has_words_of_its_own) {
  std::set<std::string_view> seen;
  for (unsigned i = 0; i <= static_cast<unsigned>(last_of(ipc::Reason{})); i++) {
    const auto text = ipc::reason_text(static_cast<ipc::Reason>(i));
    CHECK(!text.empty());
    CHECK(seen.insert(text).second);
  }
}
