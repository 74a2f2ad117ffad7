// The packet path in this kernel: programs and maps pinned in a directory of bpffs, attached to interfaces.
#pragma once
#include <memory>

#include "fastpath/bpf/loader.h"
#include "hcd/parent/datapath.h"

namespace hcd::parent {

class BpfDatapath final : public Datapath {
 public:
  explicit BpfDatapath(std::string pin_directory) : pins_(std::move(pin_directory)) {}

  Status prepare(const conf::Global& global) override;
  Status refresh() override { return loader_ ? loader_->describe_links() : Status(); }
  int routes() override { return loader_ ? loader_->routes().fd() : -1; }
  Status keep_routes(TimePoint now) override;
  static_assert(kKeep <= fastpath::RouteWatch::kTrust / 4);
  std::string engine() const override;
  Result<std::vector<UniqueFd>> maps() const override;
  void claim(unsigned pid) override;
  Status unload() override { return fastpath::Loader::unload(pins_); }

 private:
  [[nodiscard]] fastpath::LoaderOptions options(const conf::Global& global) const;
  void log_notes();

  std::string pins_;
  std::unique_ptr<fastpath::Loader> loader_;  // once a configuration was prepared
};

}  // namespace hcd::parent
