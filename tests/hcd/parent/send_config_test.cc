#include "hcd/parent/send_config.h"

#include <algorithm>

#include "hcd/ipc/messages.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

namespace {

conf::Config config_of(std::size_t hosts) {
  conf::Config config;
  conf::Table table;
  table.name = "web:80";
  table.port = 80;
  for (std::size_t i = 0; i < hosts; i++) {
    conf::Host host;
    host.id = static_cast<conf::Id>(i);
    host.name = "host-" + std::to_string(i) + ".example.org";
    table.hosts.push_back(host);
  }
  config.tables.push_back(table);
  conf::Service service;
  service.name = "www";
  config.services.push_back(service);
  return config;
}

std::size_t count(const std::vector<ipc::Frame>& frames, ipc::Type type) {
  return static_cast<std::size_t>(std::ranges::count(frames, static_cast<std::uint32_t>(type), &ipc::Frame::type));
}

}  // namespace

TEST_GROUP(SendConfig){};

TEST(SendConfig, a_role_gets_only_its_part) {
  const auto config = config_of(2);
  const auto hce = config_frames(proc::info(proc::Role::Hce), config, {.generation = 7, .anchor = "hcd"});
  const auto pfe = config_frames(proc::info(proc::Role::Pfe), config, {.generation = 7, .anchor = "hcd"});
  CHECK_EQUAL(0U, count(*hce, ipc::Type::ConfigService));
  CHECK_EQUAL(1U, count(*pfe, ipc::Type::ConfigService));
  CHECK_EQUAL(1U, count(*hce, ipc::Type::ConfigTable));
  const auto begin = ipc::decode<ipc::ConfigBegin>(pfe->front().payload);
  CHECK_EQUAL(7U, begin->generation);
  STRCMP_EQUAL("hcd", begin->anchor.c_str());
  CHECK_EQUAL(7U, ipc::decode<ipc::ConfigEnd>(pfe->back().payload)->generation);
}

TEST(SendConfig, a_table_of_any_size_comes_whole_in_frames_that_fit) {
  const auto config = config_of(10000);
  const auto frames = config_frames(proc::info(proc::Role::Hce), config, {});
  CHECK(count(*frames, ipc::Type::ConfigTable) > 1);
  std::vector<conf::Host> hosts;
  for (const auto& frame : *frames) {
    CHECK(frame.payload.size() + sizeof(ipc::FrameHeader) <= ipc::kFrameMax);
    if (frame.type != static_cast<std::uint32_t>(ipc::Type::ConfigTable)) continue;
    const auto table = ipc::decode<conf::Table>(frame.payload);
    CHECK(table.has_value());
    CHECK_EQUAL(80, table->port);
    hosts.insert(hosts.end(), table->hosts.begin(), table->hosts.end());
  }
  CHECK(hosts == config.tables[0].hosts);
}

TEST(SendConfig, what_no_frame_can_hold_is_named) {
  auto config = config_of(1);
  config.tables[0].check.http.path.assign(70000, 'x');
  const auto frames = config_frames(proc::info(proc::Role::Hce), config, {});
  CHECK(!frames.has_value());
  STRCMP_CONTAINS("table web:80 takes", frames.error().text.c_str());
}
