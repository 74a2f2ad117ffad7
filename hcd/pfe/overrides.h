// What operators have changed, by name: "host webhosts:80/10.1.1.100". Kept for as long as the configuration has the
// name; each change is also parked with the parent, which hands all of them back to a restarted pfe.
//
// A wish holds until its time is over, until the configuration says the same, or until what it was made in spite of has
// been edited: then the configuration is the newer of the two, and wins.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/model.h"

namespace hcd::pfe {

class Overrides {
 public:
  using Parking = std::function<void(const std::string& key, const std::string& value)>;
  explicit Overrides(Parking parking) : parking_(std::move(parking)) {}

  [[nodiscard]] static std::string key(ctl::Kind kind, const std::string& name);
  [[nodiscard]] static std::string host_key(const std::string& table, const conf::Host& host);
  [[nodiscard]] static std::string name_key(const std::string& table, const conf::Host& host);

  [[nodiscard]] const ctl::Override* find(const std::string& key) const;
  [[nodiscard]] ctl::Override of(const std::string& key) const;  // empty where there is none
  // Of a host: its own wishes, and where it has none those of its name, which are true of all addresses that this has, ever.
  [[nodiscard]] ctl::Override of_host(const std::string& table, const conf::Host& host) const;
  // Of the name alone, for one of several hosts that it may have.
  [[nodiscard]] ctl::Override of_name(const std::string& table, const conf::Host& host) const;

  void set(const std::string& key, ctl::Override value);  // an empty one: there is none any more
  // Takes what was parked: false when it is not understood, and then it is not believed.
  [[nodiscard]] bool restore(const std::string& key, const std::string& value);
  [[nodiscard]] bool empty() const { return by_key_.empty(); }
  [[nodiscard]] Overrides draft() const;  // one to try things on: it parks nothing

  // Has each override looked at, and changed; what it has become is parked.
  void review(const std::function<void(const std::string& key, ctl::Override& value)>& look);
  // When the next wish ends by itself, by the wall clock.
  [[nodiscard]] std::optional<std::int64_t> next_end() const;

 private:
  Parking parking_;
  std::map<std::string, ctl::Override> by_key_;
};

// What holds for an object, of its configuration and its wishes.
struct Setting {
  bool enabled = true, drained = false;
  std::uint16_t weight = 1;
  friend bool operator==(const Setting&, const Setting&) = default;
};
[[nodiscard]] Setting setting_of(const ctl::Override& wishes, bool disabled, std::uint16_t weight = 1);

// Takes away what the configuration says by now, or has been edited since; returns why, or nothing: all stays.
[[nodiscard]] std::string drop_stale(ctl::Override& wishes, const Setting& base, const Setting& configured);

}  // namespace hcd::pfe
