#include "hcd/ctl/protocol.h"

#include "hcd/ipc/codec.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

TEST_GROUP(ControlProtocol){};

TEST(ControlProtocol, rows_survive_the_wire) {
  const ServiceRow row{.id = 3,
                       .generation = 9,
                       .name = "www",
                       .word = ServiceWord::Backup,
                       .virtuals = {{.address = *Address::parse("2001:db8::1"), .port = 80, .interface = "eth0"}},
                       .table = 1,
                       .backups = {2, 5},
                       .in_use = 5,
                       .sessions = {.total = 5, .mean_day = 7},
                       .override = Override{.enabled = true, .by = "root", .since_ms = -1}};
  const auto back = ipc::decode<ServiceRow>(ipc::encode(row));
  CHECK(back->name == "www" && back->word == ServiceWord::Backup && back->backups == std::vector<Id>({2, 5}) &&
        back->in_use == 5U);
  CHECK(back->virtuals == row.virtuals && back->sessions == row.sessions);
  CHECK(back->override->by == "root" && back->override->since_ms == -1);
}

TEST(ControlProtocol, a_word_that_does_not_exist_is_refused) {
  std::string bytes = ipc::encode(Change{});
  bytes[0] = 3;
  CHECK(!ipc::decode<Change>(bytes));
}

TEST(ControlProtocol, rows_are_cut_into_frames_of_any_kind_and_order_is_kept) {
  Rows rows{.generation = 4};
  for (Id id = 0; id < 3; id++) rows.services.push_back({.id = id, .name = std::string(30000, 's')});
  for (Id id = 0; id < 3; id++) rows.hosts.push_back({.id = id, .name = std::string(30000, 'h')});
  const auto parts = in_frames(rows);
  std::string order;
  for (const auto& part : parts) {
    CHECK(ipc::encode(part).size() + sizeof(ipc::FrameHeader) <= kReplyMax);
    CHECK_EQUAL(4U, part.generation);
    for (const auto& row : part.services) order += "s" + std::to_string(row.id);
    for (const auto& row : part.hosts) order += "h" + std::to_string(row.id);
  }
  STRCMP_EQUAL("s0s1s2h0h1h2", order.c_str());
  CHECK_EQUAL(3U, parts.size());
  CHECK(in_frames(Rows()).empty());
}
