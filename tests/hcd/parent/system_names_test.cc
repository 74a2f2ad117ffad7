#include "hcd/parent/system_names.h"

#include "tests/fake/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

namespace {

std::string text(const std::vector<Address>& addresses) {
  std::string out;
  for (const auto& address : addresses) out += (out.empty() ? "" : " ") + address.text();
  return out;
}

}  // namespace

TEST_GROUP(SystemNames){};

TEST(SystemNames, resolv_conf_names_servers_domains_and_dots) {
  const auto how = parse_resolv_conf(
      "# a comment\n; another\nnameserver 192.0.2.53 # here\n\tnameserver\t2001:db8::53\n"
      "domain old.test\nsearch a.test b.test\noptions rotate ndots:3\n");
  CHECK_EQUAL(2U, how.servers.size());
  STRCMP_EQUAL("2001:db8::53", how.servers[1].address.text().c_str());
  CHECK_EQUAL(53, how.servers[1].port);
  CHECK(how.search == (std::vector<std::string>{"a.test", "b.test"}));
  CHECK_EQUAL(3, how.dots);
}

TEST(SystemNames, what_is_not_understood_or_too_much_is_left_out) {
  std::string conf = "nameserver\nnameserver fe80::1%eth0\nnameserver x\noptions ndots:99 ndots:x\nsearch a..b c\n";
  for (int i = 1; i < 9; i++) conf += "nameserver 192.0.2." + std::to_string(i) + "\n";
  const auto how = parse_resolv_conf(conf);
  CHECK_EQUAL(3U, how.servers.size());
  CHECK(how.search == std::vector<std::string>{"c"});
  CHECK_EQUAL(15, how.dots);
}

TEST(SystemNames, without_a_server_it_is_this_machine) {
  STRCMP_EQUAL("127.0.0.1", parse_resolv_conf("").servers.at(0).address.text().c_str());
  STRCMP_EQUAL("127.0.0.1", system_resolver(MemoryFiles()).servers.at(0).address.text().c_str());
}

TEST(SystemNames, hosts_gives_each_name_all_its_addresses_whatever_its_case) {
  MemoryFiles files;
  files.files["/etc/hosts"] =
      "10.0.0.2 Web.Example.org web # web2\n10.0.0.1\tweb\n::1 localhost\n0.0.0.0 web\nnonsense "
      "web\n10.0.0.3\n10.0.0.1 web";
  const auto hosts = system_hosts(files);
  CHECK_EQUAL(3U, hosts.size());
  STRCMP_EQUAL("10.0.0.1 10.0.0.2", text(hosts.at("web")).c_str());
  STRCMP_EQUAL("10.0.0.2", text(hosts.at("web.example.org")).c_str());
  STRCMP_EQUAL("::1", text(hosts.at("localhost")).c_str());
}
