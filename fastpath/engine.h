// Where anchors, rules and tables take effect. The contract of every engine:
//   - commit() is all or nothing: on an error what ran before goes on unchanged, and ruleset() still says so;
//   - a packet sees each table as it was before a commit or as it is after it, never between;
//   - established states outlive every commit; a host that left a table gets no new state once commit() has returned;
//   - a commit costs what it changes, not what there is;
//   - ruleset() is what the engine has confirmed, after adoption too: `active` is said from it alone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/guard.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath {

struct Counters {  // [0] from clients, [1] from servers; bytes are of the IP packet
  std::uint64_t packets[2] = {};
  std::uint64_t bytes[2] = {};
  std::uint64_t states = 0;  // created since the counters were cleared
  std::uint32_t live = 0;    // states there now
  Counters& operator+=(const Counters& more) {
    for (int side = 0; side < 2; side++) {
      packets[side] += more.packets[side];
      bytes[side] += more.bytes[side];
    }
    states += more.states;
    live += more.live;
    return *this;
  }
};

struct AddressCounters {
  Address address;
  Counters counters;
};

struct Sessions {  // of an anchor's rules, those out of force too
  std::string anchor;
  std::optional<Address> host;  // to it alone
};

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string name() const = 0;  // "bpf (tc)", "memory"
  [[nodiscard]] virtual const Ruleset& ruleset() const = 0;
  [[nodiscard]] virtual Status commit(const Transaction& transaction) = 0;
  [[nodiscard]] virtual Result<Counters> rule_counters(const std::string& anchor) const = 0;  // all rules of the anchor
  [[nodiscard]] virtual Result<std::vector<AddressCounters>> table_counters(const std::string& anchor,
                                                                            const std::string& table) const = 0;
  // Of a host, whatever rules lead to it, also where none does any more but states do. Not every engine counts so.
  [[nodiscard]] virtual Result<Counters> host_counters(const Address& address, std::uint16_t, Proto) const {
    return fail(Code::NotFound, "nothing is counted for host " + address.text());
  }
  // The most states that there can be; 0: the engine does not say.
  [[nodiscard]] virtual std::uint64_t states_limit() const { return 0; }

  // Ends these sessions, and tells how many. Commit first what keeps new ones from being made. Both ends of a TCP connection
  // are told by a reset, where the engine can do that; costs a look at every state there is.
  [[nodiscard]] virtual Result<std::size_t> cut(const std::vector<Sessions>&) {
    return fail(Code::Unsupported, "engine " + name() + " cannot end sessions");
  }

  // Looks whether another program has changed what is in force; true: it has, and ruleset() is now what it left. Costs
  // nothing where there is nothing new. commit() refuses a transaction that was begun on what is no longer true.
  [[nodiscard]] virtual Result<bool> refresh() { return false; }
  // The anchors that the last refresh() found changed.
  [[nodiscard]] virtual std::vector<std::string> disturbed() const { return {}; }
  // Whether new flows come in a flood, or find no room.
  [[nodiscard]] virtual Pressure pressure() const { return {}; }
  // Work that no commit should wait for, to be called now and then.
  virtual void tend() {}

  [[nodiscard]] Transaction begin() const { return Transaction(ruleset()); }
};

}  // namespace hcd::fastpath
