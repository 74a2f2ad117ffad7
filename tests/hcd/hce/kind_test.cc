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

TEST(Kind, every_reason_has_words_of_its_own) {
  std::set<std::string_view> seen;
  for (unsigned i = 0; i <= static_cast<unsigned>(last_of(ipc::Reason{})); i++) {
    const auto text = ipc::reason_text(static_cast<ipc::Reason>(i));
    CHECK(!text.empty());
    CHECK(seen.insert(text).second);
  }
}
