// A configuration's names and ports without a system: what a test says exists, exists.
#pragma once
#include <map>
#include <string>

#include "hcd/conf/load.h"
#include "tests/fake/memory_files.h"

namespace hcd::conf {

class MemoryResolver final : public Resolver {
 public:
  std::map<std::string, std::vector<std::string>> names;

  [[nodiscard]] Result<std::vector<Address>> addresses(const std::string& name) const override {
    const auto found = names.find(name);
    if (found == names.end()) return fail(Code::NotFound, "cannot resolve '" + name + "'");
    std::vector<Address> out;
    for (const auto& text : found->second) out.push_back(*Address::parse(text));
    return out;
  }
  [[nodiscard]] std::optional<std::uint16_t> port(const std::string& service) const override {
    if (service == "http") return 80;
    if (service == "https") return 443;
    return std::nullopt;
  }
};

// One call's worth of both: a file "hcd.conf" with this text.
struct Fixture {
  MemoryFiles files;
  MemoryResolver resolver;
  Macros macros;

  Result<Loaded> load(const std::string& text) {
    files.files["hcd.conf"] = text;
    return conf::load({"hcd.conf", macros, files, resolver});
  }
  std::string errors(const std::string& text) {
    const auto result = load(text);
    return result ? "" : result.error().text;
  }
};

}  // namespace hcd::conf
