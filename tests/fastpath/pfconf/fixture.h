// pf.conf from memory: a file "pf.conf", interfaces em0 (2) and em1 (3), a few services.
#pragma once
#include "fastpath/pfconf/conf.h"
#include "tests/fake/memory_files.h"

namespace hcd::fastpath::pfconf {

class MemorySurroundings final : public Surroundings {
 public:
  [[nodiscard]] std::optional<std::uint16_t> service(const std::string& name) const override {
    if (name == "http") return 80;
    if (name == "https") return 443;
    if (name == "domain") return 53;
    if (name == "tftp") return 69;
    return std::nullopt;
  }
  [[nodiscard]] std::optional<unsigned> interface_index(const std::string& name) const override {
    if (name == "em0") return 2;
    if (name == "em1") return 3;
    return std::nullopt;
  }
};

struct Fixture {
  MemoryFiles files;
  MemorySurroundings surroundings;
  Ruleset in_force;
  Macros macros;

  Result<Conf> load(const std::string& text, const std::string& anchor = "a") {
    files.files["pf.conf"] = text;
    return pfconf::load({"pf.conf", anchor, macros, files, surroundings, in_force});
  }
  std::string errors(const std::string& text, const std::string& anchor = "a") {
    const auto result = load(text, anchor);
    return result ? "" : result.error().text;
  }
};

}  // namespace hcd::fastpath::pfconf
