#include "hcd/ctl/protocol.h"

#include "hcd/ipc/codec.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

TEST_GROUP(ControlProtocol){};

TEST(ControlProtocol, rows_survive_the_wire) {
  const ServiceRow row{
      .id = 3,
      .generation = 9,
      .name = "www",
      .word = ServiceWord::Backup,
      .virtuals = {{.address = *Address::parse("2001:db8::1"), .port = 80, .interface = "eth0"}},
      .table = 1,
      .backups = {2, 5},
      .in_use = 5,
      .sessions = {.total = 5, .mean_day = 7},
      .override = Override{.weight = Wish<std::uint16_t>{.value = 5, .note = {.by = "root", .since_ms = -1}}}};
  const auto back = ipc::decode<ServiceRow>(ipc::encode(row));
  CHECK(back->name == "www" && back->word == ServiceWord::Backup && back->backups == std::vector<Id>({2, 5}) &&
        back->in_use == 5U);
  CHECK(back->virtuals == row.virtuals && back->sessions == row.sessions);
  CHECK(back->override == row.override && back->override->latest()->by == "root");
}

TEST(ControlProtocol, a_word_that_does_not_exist_is_refused) {
  std::string bytes = ipc::encode(Change{});
  bytes[0] = 9;
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

TEST(ControlProtocol, an_outcome_has_its_consequence_once_however_many_frames_it_takes) {
  Outcome outcome{.generation = 4, .dry_run = true, .consequence = {.objects = "3 hosts"}};
  for (Id id = 0; id < 3; id++) outcome.objects.push_back({.id = id, .name = std::string(30000, 'h')});
  const auto parts = in_frames(outcome);
  CHECK_EQUAL(2U, parts.size());
  STRCMP_EQUAL("3 hosts", parts[0].consequence.objects.c_str());
  STRCMP_EQUAL("", parts[1].consequence.objects.c_str());
  CHECK(parts[1].generation == 4 && parts[1].dry_run && parts[1].objects.size() == 1);
}

TEST(ControlProtocol, the_newest_wish_of_an_override_is_found) {
  CHECK(Override().latest() == nullptr);
  const Override override{.enabled = Wish<bool>{.note = {.by = "a", .since_ms = 1}},
                          .weight = Wish<std::uint16_t>{.note = {.by = "b", .since_ms = 2}}};
  STRCMP_EQUAL("b", override.latest()->by.c_str());
}
