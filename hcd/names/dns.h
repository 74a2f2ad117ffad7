// Asks name servers for the addresses of a name, without waiting: what class Names needs of DNS, and a test replaces.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "hcd/conf/name_messages.h"

namespace hcd::names {

struct Found {
  conf::NameFault fault = conf::NameFault::None;
  std::vector<Address> addresses;
  Seconds ttl{0};  // the least of all records that led to them
};

class Dns {
 public:
  using Done = std::function<void(Found)>;
  virtual ~Dns() = default;
  virtual void use(const std::vector<conf::NameServer>& servers) = 0;  // forgets whatever was asked before
  // The name as it is, of one family. `done` is called once, later, unless use() forgets it.
  virtual void ask(const std::string& name, Family family, Done done) = 0;
};

}  // namespace hcd::names
