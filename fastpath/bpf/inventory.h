// The names in the maps, read back: anchors, their rules and tables, with the indexes under which the packet path knows
// them. For adoption and for the tools. What another root tool scribbled is left out, and said.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/anchor.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct KnownMember {
  std::uint32_t index = 0;
  TableEntry entry;
  std::uint64_t cleared = 0;  // seconds since the epoch
};

struct KnownTable {
  std::uint32_t index = 0;
  std::string name;
  std::uint64_t cleared = 0;
  bool persist = false, constant = false;
  bool source = false;               // the packet path looks sources up in it
  std::vector<KnownMember> members;  // ascending by address
};

struct KnownRule {
  std::uint32_t index = 0;
  std::uint32_t number = 0;
  Rule rule;
  std::uint32_t pid = 0, uid = 0;  // of who loaded it
  KnownTable own;                  // of the networks that it names itself; index 0: none
};

struct KnownAnchor {
  std::uint32_t index = 0;
  std::string name;
  std::vector<KnownRule> rules;    // in order of evaluation
  std::vector<KnownTable> tables;  // ascending by name
};

struct Inventory {
  std::vector<KnownAnchor> anchors;  // ascending by name
  std::vector<std::string> faults;   // what was left out, a sentence each

  [[nodiscard]] const KnownAnchor* find(const std::string& anchor) const;
};

// Of one moment: read again where a commit was under way.
[[nodiscard]] Inventory read_inventory(const Views& views);

// What of it is a sound ruleset; the rest becomes a fault.
[[nodiscard]] Ruleset sound_ruleset(Inventory& inventory);

}  // namespace hcd::fastpath
