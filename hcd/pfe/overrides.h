// What operators have changed, by name: "host webhosts:80/10.1.1.100". Kept for as long as the configuration has the
// name; each change is also parked with the parent, which hands all of them back to a restarted pfe.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hcd/ctl/model.h"

namespace hcd::pfe {

class Overrides {
 public:
  using Parking = std::function<void(const std::string& key, const std::string& value)>;
  explicit Overrides(Parking parking) : parking_(std::move(parking)) {}

  [[nodiscard]] static std::string key(ctl::Kind kind, const std::string& name);

  [[nodiscard]] const ctl::Override* find(const std::string& key) const;
  // Of a host; if there is none, of its name, which is true of all addresses that this has, ever.
  [[nodiscard]] const ctl::Override* find(const std::string& table, const conf::Host& host) const;
  // Of the name alone, for one of several hosts that it may have.
  [[nodiscard]] const ctl::Override* find_name(const std::string& table, const conf::Host& host) const;
  [[nodiscard]] static std::string name_key(const std::string& table, const conf::Host& host);
  void set(const std::string& key, ctl::Override value);
  void clear(const std::string& key);
  // Takes what was parked: false when it is not understood, and then it is not believed.
  [[nodiscard]] bool restore(const std::string& key, const std::string& value);
  // Clears every override that `wanted` does not want, and returns their keys.
  std::vector<std::string> prune(const std::function<bool(const std::string& key, const ctl::Override&)>& wanted);

 private:
  Parking parking_;
  std::map<std::string, ctl::Override> by_key_;
};

}  // namespace hcd::pfe
