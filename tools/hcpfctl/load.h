// -f: replaces the anchors that a file of pf.conf(5)'s language names, all at once or not at all.
#pragma once
#include "fastpath/bpf/sizes.h"
#include "fastpath/pfconf/conf.h"
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {

[[nodiscard]] Result<std::string> read_input(std::size_t limit = 64U << 20);  // all of the standard input

// The system's, and "-", the standard input; "stdin" is what of it was read before.
class ToolFiles final : public Files {
 public:
  explicit ToolFiles(std::string input = {}) : input_(std::move(input)) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override {
    return SystemFiles().match(pattern);
  }
  [[nodiscard]] Status executable(const std::string& path) const override { return SystemFiles().executable(path); }

 private:
  std::string input_;
};

[[nodiscard]] Result<fastpath::pfconf::Conf> read_conf(const Options& options, const Files& files,
                                                       const fastpath::Ruleset& in_force);

// What -v prints of it: a main ruleset, or the anchor's own.
[[nodiscard]] std::string conf_text(const Options& options, const fastpath::pfconf::Conf& conf);

// The maps that `set limit` asks for.
[[nodiscard]] fastpath::Sizes sizes_for(const fastpath::pfconf::Settings& settings);

[[nodiscard]] Status load_conf(const Options& options, const fastpath::pfconf::Conf& conf, Kernel kernel);

}  // namespace hcd::hcpfctl
