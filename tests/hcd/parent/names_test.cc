#include "hcd/parent/names.h"

#include <sys/socket.h>

#include "tests/fake/fake_loop.h"
#include "tests/fake/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;
using conf::NameFault;

TEST_GROUP(ParentNames) {
  test::FakeLoop loop;
  MemoryFiles files;
  std::unique_ptr<ipc::Channel> channel;
  UniqueFd far;  // where the process would be
  bool needed = false;
  int changes = 0;
  std::vector<std::string> said;
  Names names{
      loop,
      files,
      {.need = [this](bool need) { needed = need; },
       .channel = [this] { return channel.get(); },
       .changed = [this] { changes++; },
       .state = [this](const conf::NameState& state) { said.push_back(state.name + ": " + conf::state_text(state)); }}};

  static conf::Config config(const std::vector<std::pair<std::string, conf::ByName>>& hosts) {
    conf::Config out;
    conf::Table table{.name = "t:80", .port = 80};
    for (const auto& [name, by_name] : hosts) table.hosts.push_back({.name = name, .address = {}, .by_name = by_name});
    out.tables.push_back(table);
    return out;
  }
  static conf::Config plain(const std::vector<std::string>& hosts) {
    std::vector<std::pair<std::string, conf::ByName>> out;
    for (const auto& name : hosts) out.emplace_back(name, conf::ByName({.inet6 = false}));
    return config(out);
  }
  Status answer(const std::string& name, NameFault fault, const std::vector<const char*>& texts = {},
                bool inet6 = false) {
    conf::NameAnswer message{.name = name, .inet6 = inet6, .fault = fault, .addresses = {}, .examples = {}};
    for (const auto* text : texts) message.addresses.push_back(*Address::parse(text));
    return names.on_answer(message);
  }
  [[nodiscard]] std::string known(const std::string& name) const {
    const auto found = names.answers().find(name);
    if (found == names.answers().end()) return "none";
    std::string out;
    for (const auto& address : found->second) out += (out.empty() ? "" : " ") + address.text();
    return out;
  }
  void connect() {
    auto pair = ipc::socket_pair();
    far = std::move(pair->second);
    channel = std::make_unique<ipc::Channel>(loop, std::move(pair->first), ipc::Channel::Handler{});
  }
  std::vector<ipc::Frame> told() {
    std::string bytes(1 << 20, '\0');
    ipc::FrameReader reader;
    for (ssize_t n; (n = recv(far.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;)
      reader.feed({bytes.data(), static_cast<std::size_t>(n)});
    std::vector<ipc::Frame> frames;
    for (ipc::Frame frame; *reader.next(frame);) frames.push_back(frame);
    return frames;
  }
};

TEST(ParentNames, without_a_name_nobody_is_needed_to_look_it_up) {
  names.want(plain({}));
  CHECK(!needed);
  names.want(plain({"web"}));
  CHECK(needed);
  names.want(plain({}));
  CHECK(!needed);
}

TEST(ParentNames, the_process_is_told_whom_to_ask_and_for_what) {
  files.files["/etc/resolv.conf"] = "nameserver 192.0.2.1\nsearch a.test\n";
  names.want(plain({"b", "a"}));
  connect();
  names.on_ready();
  const auto frames = told();
  CHECK_EQUAL(2U, frames.size());
  const auto how = ipc::decode<conf::NamesBegin>(frames[0].payload);
  CHECK(how->servers.size() == 1 && how->search.size() == 1 && how->ttl_least == Seconds(5));
  const auto asked = ipc::decode<conf::NamesAsk>(frames[1].payload);
  CHECK(asked->questions == (std::vector<conf::Question>{{"a", true, false}, {"b", true, false}}));
}

TEST(ParentNames, configured_servers_stand_for_all_that_the_system_says) {
  files.files["/etc/resolv.conf"] = "nameserver 192.0.2.1\nsearch a.test\n";
  files.files["/etc/hosts"] = "10.0.0.1 web\n";
  auto wanted = plain({"web"});
  wanted.global.lookup.servers.push_back({.address = *Address::parse("192.0.2.9"), .port = 5353});
  connect();
  names.prepare(wanted);
  names.want(wanted);
  STRCMP_EQUAL("none", known("web").c_str());
  const auto how = ipc::decode<conf::NamesBegin>(told().at(0).payload);
  CHECK(how->servers.size() == 1 && how->servers[0].port == 5353 && how->search.empty());
}

TEST(ParentNames, the_systems_file_of_hosts_answers_before_anything_is_asked) {
  files.files["/etc/hosts"] = "10.0.0.1 Web\n";
  names.prepare(plain({"WEB"}));
  STRCMP_EQUAL("10.0.0.1", known("WEB").c_str());
  names.want(plain({"WEB"}));
  CHECK(!needed);
  files.files["/etc/hosts"] = "10.0.0.2 web\n";
  names.want(plain({"WEB"}));
  STRCMP_EQUAL("10.0.0.2", known("WEB").c_str());
}

TEST(ParentNames, answers_that_come_together_are_one_change_and_changes_have_a_rest_between) {
  names.want(plain({"a", "b"}));
  CHECK(answer("a", NameFault::None, {"10.0.0.1"}).has_value());
  CHECK(answer("b", NameFault::None, {"10.0.0.2"}).has_value());
  CHECK_EQUAL(0, changes);
  loop.advance(Names::kGather);
  CHECK_EQUAL(1, changes);
  CHECK(answer("a", NameFault::None, {"10.0.0.3"}).has_value());
  loop.advance(Names::kRest - Milliseconds(1));
  CHECK_EQUAL(1, changes);
  loop.advance(Milliseconds(1));
  CHECK_EQUAL(2, changes);
  CHECK(answer("a", NameFault::None, {"10.0.0.3"}).has_value());
  loop.advance(Seconds(9));
  CHECK_EQUAL(2, changes);
}

TEST(ParentNames, a_look_up_that_fails_keeps_the_last_answer_and_is_said_once) {
  names.want(plain({"a"}));
  CHECK(answer("a", NameFault::None, {"10.0.0.1"}).has_value());
  said.clear();
  for (const auto fault : {NameFault::NoSuchName, NameFault::NoSuchName, NameFault::NoAddress, NameFault::Timeout,
                           NameFault::Timeout, NameFault::None}) {
    CHECK(answer("a", fault, fault == NameFault::None ? std::vector{"10.0.0.1"} : std::vector<const char*>())
              .has_value());
    STRCMP_EQUAL("10.0.0.1", known("a").c_str());
  }
  const std::vector<std::string> wanted = {"a: no such name, the last answer is kept",
                                           "a: no address, the last answer is kept",
                                           "a: timeout, the last answer is kept", "a: "};
  CHECK(said == wanted);
}

TEST(ParentNames, both_families_are_waited_for_once_and_then_each_counts_alone) {
  names.want(config({{"a", conf::ByName(conf::ByName::How{})}}));
  CHECK(answer("a", NameFault::None, {"2001:db8::1"}, true).has_value());
  STRCMP_EQUAL("none", known("a").c_str());
  CHECK(answer("a", NameFault::None, {"10.0.0.1"}).has_value());
  STRCMP_EQUAL("10.0.0.1 2001:db8::1", known("a").c_str());
  CHECK(answer("a", NameFault::Timeout).has_value());
  CHECK(answer("a", NameFault::None, {"2001:db8::2"}, true).has_value());
  STRCMP_EQUAL("10.0.0.1 2001:db8::2", known("a").c_str());
}

TEST(ParentNames, a_family_without_addresses_is_believed_where_the_other_has_some) {
  names.want(config({{"a", conf::ByName(conf::ByName::How{})}}));
  CHECK(answer("a", NameFault::None, {"2001:db8::1"}, true).has_value());
  CHECK(answer("a", NameFault::None, {"10.0.0.1"}).has_value());
  CHECK(answer("a", NameFault::NoAddress, {}, true).has_value());
  STRCMP_EQUAL("10.0.0.1", known("a").c_str());
  STRCMP_EQUAL("a: ", said.back().c_str());
  CHECK(answer("a", NameFault::NoAddress).has_value());
  STRCMP_EQUAL("10.0.0.1", known("a").c_str());
  STRCMP_EQUAL("a: no address, the last answer is kept", said.back().c_str());
}

TEST(ParentNames, what_is_known_of_a_name_outlives_a_reload_that_keeps_it) {
  names.want(plain({"a", "b"}));
  CHECK(answer("a", NameFault::None, {"10.0.0.1"}).has_value());
  CHECK(answer("b", NameFault::None, {"10.0.0.2"}).has_value());
  names.want(plain({"a"}));
  STRCMP_EQUAL("10.0.0.1", known("a").c_str());
  STRCMP_EQUAL("none", known("b").c_str());
  CHECK(answer("b", NameFault::None, {"10.0.0.2"}).has_value());  // it was on its way
  STRCMP_EQUAL("none", known("b").c_str());
}

TEST(ParentNames, what_cannot_be_an_answer_is_a_lie) {
  names.want(plain({"a"}));
  CHECK(!answer("a", NameFault::None).has_value());
  CHECK(!answer("a", NameFault::NotAsked).has_value());
  CHECK(!answer("a", NameFault::Timeout, {"10.0.0.1"}).has_value());
  CHECK(!answer("a", NameFault::None, {"0.0.0.0"}).has_value());
  CHECK(!answer("a", NameFault::None, {"2001:db8::1"}).has_value());
  CHECK(!answer("a", NameFault::None, {"10.0.0.2", "10.0.0.1"}).has_value());
  CHECK(!answer("a", NameFault::None, {"10.0.0.1", "10.0.0.1"}).has_value());
  CHECK(!answer("x", NameFault::None, std::vector<const char*>(conf::kAddressesMax + 1, "10.0.0.1")).has_value());
}
