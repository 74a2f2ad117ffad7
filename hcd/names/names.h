// Looks names up for the parent, each again when its answer has become old, and tells what came. It remembers no answer:
// what is kept when a look-up fails is the parent's to say. At most kAtOnce queries are out at a time; the others wait.
//
// What a stranger's server says is taken for addresses that a host can have, and counted where it is not. It may not send us
// to what listens on this machine alone: who wants that writes the address, or has the name in the file of hosts.
//
// It takes NamesBegin and NamesAsk, and sends NameAnswer; Ready and Shutdown are its caller's.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hcd/ipc/channel.h"
#include "hcd/names/dns.h"

namespace hcd::names {

class Names {
 public:
  static constexpr std::size_t kAtOnce = 64;
  static constexpr std::size_t kNamesMax = 2 * conf::kHostsMax;  // with a family each
  static constexpr Seconds kNegative{60};  // how long it counts that a name has no address in a family
  static constexpr Seconds kFailing{15};   // how long a server that fails is spared at most

  Names(event::Loop& loop, Dns& dns, std::function<void(const conf::NameAnswer&)> tell);
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // An error is a protocol error of the parent's: the caller ends the process.
  [[nodiscard]] Status on_parent(const ipc::Message& message);

 private:
  using Key = std::pair<std::string, Family>;
  struct Entry {
    std::size_t tried = 0;  // of the names that it may mean
    bool exists = false;    // one of those does, without an address
    unsigned failures = 0;  // in a row
  };

  [[nodiscard]] Status on_begin(conf::NamesBegin begin);
  [[nodiscard]] Status on_ask(const conf::NamesAsk& asked);
  [[nodiscard]] std::vector<std::string> meanings(const std::string& name) const;
  void start_due();
  void ask(const Key& key);
  void on_found(const Key& key, const Found& found);
  void conclude(const Key& key, const Found& found);
  [[nodiscard]] Duration next_after(Entry& entry, const Found& found) const;

  event::Loop& loop_;
  Dns& dns_;
  std::function<void(const conf::NameAnswer&)> tell_;
  conf::NamesBegin how_;
  std::map<Key, Entry> entries_;
  std::set<std::pair<TimePoint, Key>> due_;
  std::size_t running_ = 0;
  std::unique_ptr<event::Timer> timer_;
};

}  // namespace hcd::names
