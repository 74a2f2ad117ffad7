// A file as it stands, lists and all, each piece with its place.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/token.h"
#include "fastpath/pfconf/conf.h"

namespace hcd::fastpath::pfconf::ast {

struct Source {  // `any`: neither network nor table
  Position at;
  bool negated = false;
  std::optional<Network> network;
  std::string table;
};

struct Ports {
  Position at;
  std::uint16_t first = 0, last = 0;  // last 0: first alone
};

struct Pool {
  Position at;
  std::string table;                      // or
  std::vector<At<TableEntry>> addresses;  // which become a table of their own
  Position port_at;
  std::uint16_t port = 0, last_port = 0;  // last 0: none given
  bool range = false;                     // `port 8000:*`
};

struct Rule {
  Position at;
  std::vector<At<std::string>> interfaces;  // none: any
  std::optional<At<Family>> family;
  std::vector<Proto> protos;  // none: tcp
  std::vector<Source> from;   // none: any
  std::vector<At<Address>> to;
  std::vector<Ports> ports;  // none: any
  fastpath::Rule options;    // what lists do not multiply: label, tag, limits, method, ...
  Pool pool;
};

struct Table {
  At<std::string> name;
  bool persist = false, constant = false;
  std::vector<At<TableEntry>> entries;
};

struct Anchor {
  At<std::string> name;  // whole
  bool parent = false;   // of other anchors in the file
  std::vector<Rule> rules;
  std::vector<Table> tables;
};

struct File {
  std::vector<Anchor> anchors;
  Settings settings;
};

}  // namespace hcd::fastpath::pfconf::ast
