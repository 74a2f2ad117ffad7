// `fastpath none`: checks run, states are shown, and no packet is touched.
#pragma once
#include "hcd/parent/datapath.h"

namespace hcd::parent {

class MemoryDatapath final : public Datapath {
 public:
  Status prepare(const conf::Global& global) override {
    if (global.fastpath == conf::FastpathMode::None) return {};
    return fail(Code::Invalid, "the daemon was started with 'fastpath none': restart it to steer packets");
  }
  Status refresh() override { return {}; }
  int routes() override { return -1; }
  Status keep_routes(TimePoint) override { return {}; }
  std::string engine() const override { return "memory"; }
  Result<std::vector<UniqueFd>> maps() const override { return {}; }
  void claim(unsigned) override {}
  Status unload() override { return {}; }
};

}  // namespace hcd::parent
