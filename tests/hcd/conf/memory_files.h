// A configuration's files, names and ports without a system: what a test says exists, exists.
#pragma once
#include <map>
#include <string>

#include "hcd/conf/load.h"

namespace hcd::conf {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> files;

  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    const auto found = files.find(path);
    if (found == files.end()) return fail_errno("cannot open", ENOENT);
    if (found->second.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
    return found->second;
  }
  // Understands one '*' at the place where the names differ.
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override {
    const auto star = pattern.find('*');
    const auto head = pattern.substr(0, star);
    const auto tail = pattern.substr(star + 1);
    std::vector<std::string> found;
    for (const auto& [path, text] : files)
      if (path.size() >= pattern.size() - 1 && path.starts_with(head) && path.ends_with(tail)) found.push_back(path);
    return found;
  }
};

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
