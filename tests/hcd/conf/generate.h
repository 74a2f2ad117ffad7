// Random configurations that are right by construction: what a property test and nobody else needs. The same seed gives
// the same text everywhere.
#pragma once
#include <random>
#include <string>

namespace hcd::conf {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  // Tables of both kinds between the services that use them, every option now and then.
  std::string text() {
    if (chance(2)) out_ += "interval " + number(2, 60) + "\n";
    if (chance(2)) out_ += "timeout " + number(1, 1999) + "\n";
    if (chance(3)) out_ += "log " + pick({"updates", "all"}) + "\n";
    if (chance(3)) out_ += "prefork " + number(1, 64) + "\n";
    if (chance(3)) out_ += "demote carp\n";
    if (chance(3)) out_ += "script limit " + number(1, 1024) + "\n";
    if (chance(3)) out_ += "resolver server 192.0.2.53" + pick({"", " port 5353"}) + "\n";
    if (chance(3)) out_ += "resolver ttl " + number(1, 9) + " to " + pick({"9", "1h"}) + "\n";
    if (chance(3)) out_ += "metrics listen on " + pick({"127.0.0.1", "::", "0.0.0.0"}) + " port 9967\n";
    if (chance(3))
      out_ +=
          "fastpath " +
          pick({"auto", "xdp on eth0", "tc on { eth0 eth1 }", "none", "pf", "pf old", "pf new pfctl \"/opt/pfctl\""}) +
          "\n";
    const unsigned services = below(6);
    for (unsigned i = 0; i < services || !unused_.empty(); i++) {
      while (i < services && chance(2)) table(chance(2));
      if (chance(3))
        redirect("r" + std::to_string(i));
      else
        service("s" + std::to_string(i));
    }
    while (chance(2)) table(true);
    return std::move(out_);
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  std::string number(unsigned low, unsigned high) { return std::to_string(low + below(high - low + 1)); }
  std::string pick(const std::vector<std::string>& words) { return words[below(static_cast<unsigned>(words.size()))]; }

  void host(unsigned index) {
    out_ += "host ";
    address(index);
    out_ += "\n";
  }

  void address(unsigned index) {
    const std::string n = std::to_string(index + 1);
    const std::string name = pick({"10.0.0." + n, "2001:db8::" + n, "h" + n + ".example.org"});
    out_ += name;
    if (name.starts_with('h')) out_ += pick({"", " all", " inet", " inet6 all"});
    if (chance(3)) out_ += " retry " + number(0, 65535);
    if (chance(3)) out_ += " weight " + number(1, 1000);
    if (chance(4)) out_ += " ip ttl " + number(1, 255);
    if (chance(4)) out_ += " parent " + pick({"10.1.0.1", "2001:db8:1::1"});
    if (chance(4)) out_ += " disable";
  }

  // Lines of a table, or words of a redirect.
  void judgement(const std::string& end) {
    if (chance(4)) out_ += "interval down " + number(2000, 9000) + "ms" + end;
    if (chance(4)) out_ += "rise 2" + end + "interval changing " + number(2, 9) + end;
    if (chance(4)) out_ += "fall " + number(1, 100) + end;
    if (chance(4)) out_ += "flap " + number(1, 9) + " in 1d hold " + number(1, 900) + "s" + end;
    if (chance(4)) out_ += "passive fail " + number(1, 9) + " in " + number(1, 60) + "m" + end;
    if (chance(4)) out_ += "slow start " + number(1, 60) + end;
    if (chance(4)) out_ += "minimum " + pick({"1", "2", "2 for 10"}) + end;
  }

  std::string asked() {
    std::string out = "http / code " + pick({"200", "200-299,301", "'200,204'"});
    if (chance(2)) out += " method " + pick({"GET", "POST", "OPTIONS"});
    if (chance(2)) out += " header 'X-A: \"b\"'";
    if (chance(2)) out += " expect header Server " + pick({"'^nginx'", "\"\\\\d+\\\"\""});
    return out + (chance(2) ? " expect body '(ok|warn)'" : "");
  }

  std::string exchange() {
    const std::string how = pick({"send nothing", "send \"x\\r\\n\\x00\\\\\\\\ \\\"\""}) + " expect " +
                            pick({"'2*'", "\"[!\\]-]\\*\\r?\""});
    return pick({how, "binary send 00ff expect 0" + number(0, 9)}) + pick({"", " ssl", " tls sni a.example alpn imap"});
  }

  std::string peer() {
    return pick({"redis user me password 'a b' tls noauth", "mysql tls sni a user me", "postgres user me database shop",
                 "smtp starttls alpn smtp", "smtp mx tls", "ldap starttls expiry 9d", "dns a.example. type mx tcp",
                 "dns a expect address 2001:db8::1", "dns . type TYPE999 expect rcode nxdomain"});
  }

  std::string check() {
    return pick({"icmp", "tcp", "http \"/a'\\\"\\\\b\" code " + number(100, 599),
                 "https / host \"[::1]:8\" digest " + std::string(40, 'b'), "http '/\"' digest " + std::string(64, '7'),
                 pick({"ssl", "tls"}), exchange(), asked(), peer()});
  }

  std::string table(bool is_template) {
    auto name = "t" + std::to_string(tables_++);
    out_ += "table " + name + " {\n";
    if (!is_template) out_ += "real port " + number(1, 65535) + "\n";
    out_ += "check " + check();
    out_ += "\nhost 10.1.0.1\nhost 2001:db8:1::1\n";  // both families, for whichever service comes
    for (unsigned i = 0, hosts = below(4); i < hosts; i++) host(i);
    if (chance(3)) out_ += "timeout " + number(1, 999) + "\n" + (chance(2) ? "jitter " + number(1, 50) + "%\n" : "");
    if (chance(4)) out_ += "interval " + pick({number(2, 99), "2500ms", "3m"}) + "\n";
    judgement("\n");
    if (chance(4)) out_ += "demote group\n";
    if (chance(4)) out_ += "disable\n";
    out_ += "}\n";
    (is_template ? templates_ : unused_).push_back(name);
    return name;
  }

  std::string some_table() {
    if (unused_.empty() && !templates_.empty() && chance(2)) return pick(templates_);
    if (unused_.empty() || chance(4)) table(chance(2));
    if (unused_.empty()) return templates_.back();
    const auto name = unused_.back();
    unused_.pop_back();
    return name;
  }

  void virtuals(const std::string& words) {
    for (unsigned i = 0, virtuals = 1 + below(4); i < virtuals; i++) {
      out_ += words + pick({"192.0.2.1", "2001:db8:2::1"}) + (i == 0 ? "" : pick({"", " tcp", " udp"}));
      out_ += " port " + std::to_string(ports_ += 9);
      if (chance(4)) out_ += ":" + std::to_string(ports_ + 8);
      out_ += chance(3) ? " interface eth0\n" : "\n";
    }
  }

  void steering() {
    if (chance(3)) out_ += "tag T\n";
    if (chance(2))
      out_ += "mode " +
              pick({"roundrobin", "source-hash", "source-hash word", "random", "least-states", "hash word", "maglev",
                    "loadbalance"}) +
              "\n";
    if (chance(4)) out_ += "sticky-address\n";
    if (chance(4)) out_ += "from " + pick({"{ 10.0.0.0/8, 2001:db8::/32 }", "! <bad>", "! 10.0.0.1"}) + "\n";
    if (chance(4))
      out_ += "keep state (" + pick({"max 5", "sloppy, tcp.first 3", "max-src-nodes 4, udp.first 9"}) + ")\n";
    if (chance(4)) out_ += "on down " + pick({"keep", "reset"}) + "\n";
    if (chance(4)) out_ += "keep-ttl\n";
    if (chance(3)) out_ += "session timeout " + number(1, 86400) + "\n";
    if (chance(4)) out_ += "disable\n";
  }

  void service(const std::string& name) {
    const auto primary = some_table();
    const auto backup = some_table();
    out_ += "service " + name + " {\n";
    virtuals("virtual host ");
    out_ += "table " + primary + "\n";
    if (backup != primary) out_ += "backup table " + backup + "\n";
    if (backup != primary && chance(2))
      out_ += "use table " + backup + " when " + primary + " below " + pick({"50%", "1 hosts", "100% for 9"}) + "\n";
    steering();
    out_ += "}\n";
  }

  // Of a list, with options in any order; lists are few, so that some are used in several ways.
  void forward(const std::string& list) {
    out_ += "<" + list + ">" + (chance(2) ? " port " + number(80, 82) : "");
    out_ += " check " + check() + " ";
    if (chance(3)) out_ += "timeout " + number(1, 999) + " ";
    judgement(" ");
  }

  std::string list() {
    if (lists_ > 1 && chance(2)) return "l" + std::to_string(below(lists_));
    const auto name = "l" + std::to_string(lists_++);
    out_ += "table <" + name + "> " + (chance(4) ? "disable {\n" : "{\n");
    out_ += "10.1.0.1, 2001:db8:1::1" + pick({"", " parent 10.1.0.1", " retry 3 parent 10.1.0.1 weight 2"}) + "\n";
    for (unsigned i = 0, hosts = below(4); i < hosts; i++) {
      address(i);
      out_ += pick({",", " ", "\n"});
    }
    out_ += "}\n";
    return name;
  }

  void redirect(const std::string& name) {
    const auto primary = list(), backup = list(), spare = list();
    out_ += "redirect " + name + " {\n";
    virtuals("listen on ");
    out_ += "forward to ";
    forward(primary);
    if (backup != primary) out_ += "\nforward to ";
    if (backup != primary) forward(backup);
    if (spare != primary && chance(2)) {
      out_ += "\nuse table ";
      forward(spare);
      out_ += "when <" + primary + "> below " + pick({"50%", "1 hosts", "100% for 9"});
    }
    out_ += "\n";
    steering();
    out_ += "}\n";
  }

  std::mt19937 random_;
  std::string out_;
  std::vector<std::string> templates_;
  std::vector<std::string> unused_;  // with a port, for which some service has yet to come
  unsigned tables_ = 0, lists_ = 0, ports_ = 0;
};

}  // namespace hcd::conf
