// Hosts that are given by a DNS name. A file is read without asking for one: what it means is a configuration in which
// such a host has no address yet. Whoever runs it looks the names up, and gets from here the configuration with the
// addresses of the day, as often as those change.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "hcd/conf/config.h"

namespace hcd::conf {

inline constexpr std::size_t kAddressesMax = 64;  // of a name

struct Question {
  std::string name;
  bool inet = false, inet6 = false;
  void fields(auto& f) { f(name, inet, inet6); }
  friend bool operator==(const Question&, const Question&) = default;
};

// Every name that hosts are given by, each once and in order, with the families that any of them takes.
[[nodiscard]] std::vector<Question> questions(const Config& written);

using Answers = std::map<std::string, std::vector<Address>, std::less<>>;  // by name, ascending

// The file's configuration with addresses, and with the ids that `running` has.
//   - Without `all` a host keeps the address it has in `running` for as long as that is among the answers; else it takes
//     the first. So a server that answers in turns changes nothing.
//   - With `all` each address is a host, named name@address, up to what all tables may hold.
//   - An address that another host of the table has is left out. A name of which no address is left stays, without one:
//     it is shown, counted, and never up.
[[nodiscard]] Config with_addresses(const Config& written, const Answers& answers, const Config& running);

[[nodiscard]] bool is_host_name(std::string_view text);  // of DNS, and not of digits like a bad address
// The name in the file of a host that was made of one: "www.example.org" of "www.example.org@10.0.0.1".
[[nodiscard]] std::string written_name(const std::string& host_name);
[[nodiscard]] inline std::string written_name(const Host& host) {
  return written_name(host.name);
}

// Why no host can have that address; empty: one can.
[[nodiscard]] std::string unusable(const Address& address);

}  // namespace hcd::conf
