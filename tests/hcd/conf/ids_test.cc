#include "hcd/conf/ids.h"

#include <set>

#include "hcd/conf/diff.h"
#include "hcd/conf/print.h"
#include "tests/hcd/conf/generate.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

template <class Visit>
void each_table(const Config& config, Visit visit) {
  for (const auto* list : {&config.templates, &config.tables})
    for (const auto& table : *list) visit(table);
}

std::map<std::string, Id> table_ids(const Config& config) {
  std::map<std::string, Id> ids;
  each_table(config, [&](const Table& table) { ids[table.name] = table.id; });
  return ids;
}

std::map<std::string, Id> host_ids(const Config& config) {
  std::map<std::string, Id> ids;
  each_table(config, [&](const Table& table) {
    for (const auto& host : table.hosts) ids[table.name + " " + host.name] = host.id;
  });
  return ids;
}

std::map<std::string, Id> service_ids(const Config& config) {
  std::map<std::string, Id> ids;
  for (const auto& service : config.services) ids[service.name] = service.id;
  return ids;
}

// Known names keep their ids, new names take ids that neither side knew, and no id stands twice.
void check_kept(const std::map<std::string, Id>& running, const std::map<std::string, Id>& kept) {
  std::set<Id> before, seen;
  for (const auto& [name, id] : running) before.insert(id);
  for (const auto& [name, id] : kept) {
    CHECK(seen.insert(id).second);
    const auto known = running.find(name);
    if (known != running.end())
      CHECK_EQUAL(known->second, id);
    else
      CHECK(!before.contains(id));
  }
}

}  // namespace

TEST_GROUP(KeepIds) {
  Fixture fixture;

  Config load(const std::string& text) {
    auto loaded = fixture.load(text);
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    return loaded ? std::move(loaded->config) : Config{};
  }
  static std::string table(const std::string& name, const std::string& hosts) {
    return "table " + name + " {\ncheck tcp\n" + hosts + "\n}\n";
  }
};

TEST(KeepIds, a_host_put_in_front_of_others_takes_a_new_id) {
  const auto running = load(table("t", "host 10.0.0.1\nhost 10.0.0.2"));
  auto fresh = load(table("t", "host 10.0.0.9\nhost 10.0.0.1\nhost 10.0.0.2"));
  keep_ids(fresh, running);
  const auto& hosts = fresh.templates.at(0).hosts;
  CHECK_EQUAL(2U, hosts[0].id);
  CHECK_EQUAL(0U, hosts[1].id);
  CHECK_EQUAL(1U, hosts[2].id);
}

TEST(KeepIds, an_id_that_this_reload_frees_is_not_given_again_by_it) {
  const auto running = load(table("a", "host 10.0.0.1") + table("b", "host 10.0.0.1"));
  auto fresh = load(table("b", "host 10.0.0.1") + table("c", "host 10.0.0.1"));
  keep_ids(fresh, running);
  CHECK_EQUAL(1U, table_ids(fresh)["b"]);
  CHECK_EQUAL(2U, table_ids(fresh)["c"]);
}

TEST(KeepIds, hold_for_generated_pairs_of_configurations) {
  for (std::uint32_t seed = 1; seed <= 50; seed++) {
    const auto running = load(Generator(seed).text());
    const auto plain = load(Generator(seed + 1000).text());
    auto fresh = plain;
    keep_ids(fresh, running);
    check_kept(table_ids(running), table_ids(fresh));
    check_kept(host_ids(running), host_ids(fresh));
    check_kept(service_ids(running), service_ids(fresh));
    CHECK(diff(plain, fresh).empty());  // nothing but ids has changed, references included
    CHECK(diff(plain, load(print(fresh))).empty());
  }
}

TEST(KeepIds, a_configuration_read_again_is_as_it_was) {
  for (std::uint32_t seed = 1; seed <= 50; seed++) {
    const auto running = load(Generator(seed).text());
    auto fresh = running;
    keep_ids(fresh, running);
    CHECK(fresh == running);
  }
}
