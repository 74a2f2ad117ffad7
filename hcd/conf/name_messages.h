// What is said of names: to and by the process that looks them up, and to pfe, which shows it.
#pragma once
#include <string_view>

#include "hcd/conf/names.h"
#include "hcd/ipc/messages.h"

namespace hcd::conf {

struct NamesBegin {
  static constexpr auto kType = ipc::Type::NamesBegin;
  std::vector<NameServer> servers;
  std::vector<std::string> search;  // domains that a short name is tried in
  std::uint8_t dots = 1;            // with fewer a name is short
  Seconds ttl_least{5}, ttl_most{3600};
  void fields(auto& f) { f(servers, search, dots, ttl_least, ttl_most); }
};

struct NamesAsk {
  static constexpr auto kType = ipc::Type::NamesAsk;
  static constexpr std::size_t kMax = 128;  // in one message
  std::vector<Question> questions;
  void fields(auto& f) { f(questions); }
};

enum class NameFault : std::uint8_t {
  None,
  NotAsked,    // nobody has answered yet
  NoSuchName,  // NXDOMAIN
  NoAddress,   // the name is there, without an address
  ServerFailed,
  NoServer,  // none is there, or each says SERVFAIL, REFUSED or the like
  Timeout,
  Malformed,  // what came was no answer
  Unusable,   // every address was refused
  NoResources,
};
constexpr NameFault last_of(NameFault) {
  return NameFault::NoResources;
}
[[nodiscard]] std::string_view fault_text(NameFault fault);  // "no such name"

struct NameAnswer {  // of one family
  static constexpr auto kType = ipc::Type::NameAnswer;
  static constexpr std::size_t kRefusedMax = 4;
  std::string name;
  bool inet6 = false;
  NameFault fault = NameFault::None;
  std::vector<Address> addresses;  // ascending, at most kAddressesMax; none with a fault
  std::uint32_t refused = 0;       // further ones, which no host can have or which are too many
  std::vector<Address> examples;   // of those
  void fields(auto& f) { f(name, inet6, fault, addresses, refused, examples); }
};

struct NameState {
  static constexpr auto kType = ipc::Type::NameState;
  std::string name;
  NameFault fault = NameFault::NotAsked;
  bool answered = false;  // there is an answer, of now or of before
  std::uint32_t refused = 0;
  void fields(auto& f) { f(name, fault, answered, refused); }
  friend bool operator==(const NameState&, const NameState&) = default;
};
// "timeout, the last answer is kept"; empty: nothing to say.
[[nodiscard]] std::string state_text(const NameState& state);

}  // namespace hcd::conf
