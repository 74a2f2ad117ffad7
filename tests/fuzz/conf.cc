// The parser against any bytes. The input is hcd.conf; a line "%% NAME" begins another file, for includes to find. What
// loads must print to a text that loads to the same; what fails must say where.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "fastpath/base/text.h"
#include "hcd/conf/diff.h"
#include "hcd/conf/ids.h"
#include "hcd/conf/load.h"
#include "hcd/conf/names.h"
#include "hcd/conf/print.h"

using namespace hcd;
using namespace hcd::conf;

namespace {

class FuzzFiles final : public Files {
 public:
  explicit FuzzFiles(std::string_view input) {
    std::string name = "hcd.conf";
    for (const auto line : split(input, '\n')) {
      if (line.starts_with("%% "))
        name = line.substr(3);
      else
        files_[name] += std::string(line) + "\n";
    }
  }
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return fail_errno("cannot open", ENOENT);
    return found->second;
  }
  [[nodiscard]] std::vector<std::string> match(const std::string&) const override {
    std::vector<std::string> all;
    for (const auto& [path, text] : files_) all.push_back(path);
    return all;
  }
  // Most are, so that checks by script are reached.
  [[nodiscard]] Status executable(const std::string& path) const override {
    if (path.size() % 4 != 3) return {};
    return fail(Code::Permission, "is not executable");
  }
  [[nodiscard]] Status only_root_changes(const std::string& path) const override { return executable(path); }

 private:
  std::map<std::string, std::string> files_;
};

// Every third name does not exist; the others have one address or two.
class FuzzResolver final : public Resolver {
 public:
  [[nodiscard]] Result<std::vector<Address>> addresses(const std::string& name) const override {
    const auto hash = static_cast<std::uint32_t>(std::hash<std::string>{}(name));
    if (hash % 3 == 0) return fail(Code::NotFound, "cannot resolve '" + name + "'");
    std::vector found = {Address::v4(htonl(0x0a000000 | (hash & 0xffffff)))};
    if (hash % 3 == 1) found.push_back(*Address::parse("2001:db8::1"));
    return found;
  }
  [[nodiscard]] std::optional<std::uint16_t> port(const std::string& service) const override {
    if (service == "http") return 80;
    return std::nullopt;
  }
};

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_good(const Config& config, const Resolver& resolver) {
  const FuzzFiles printed(print(config));
  const auto again = load({"hcd.conf", {}, printed, resolver});
  demand(again.has_value());
  demand(again->config == config);
  demand(diff(config, again->config).empty());
  auto kept = again->config;
  keep_ids(kept, config);
  demand(kept == config);
}

// Every name with more addresses than one: none is a host twice, and doing it again changes nothing.
void check_names(const Config& config) {
  Answers answers;
  for (const auto& question : questions(config))
    for (const auto* text : {"10.0.0.1", "10.0.0.2", "2001:db8::1"})
      answers[question.name].push_back(*Address::parse(text));
  const auto expanded = with_addresses(config, answers, {});
  for (const auto& table : expanded.tables) {
    std::set<Address> seen;
    for (const auto& host : table.hosts) demand(host.address.size() == 0 || seen.insert(host.address).second);
  }
  demand(with_addresses(config, answers, expanded) == expanded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const FuzzFiles files(std::string_view(reinterpret_cast<const char*>(data), size));
  const FuzzResolver resolver;
  const auto loaded = load({"hcd.conf", {{"cli", "10.0.0.7"}}, files, resolver});
  if (loaded) {
    check_good(loaded->config, resolver);
    check_names(loaded->config);
  } else {
    demand(loaded.error().text.contains(": "));
  }
  return 0;
}
