// A command line as parsed, and a kernel in memory for it to change.
#pragma once
#include "fastpath/bpf/bpf_engine.h"
#include "tests/fake/memory_files.h"
#include "tests/fastpath/bpf/fake_maps.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {

inline Result<Options> parse(std::initializer_list<const char*> words, const Files& files = MemoryFiles()) {
  std::vector<std::string> text{"hcpfctl"};
  text.insert(text.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : text) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_options(static_cast<int>(text.size()), argv.data(), files);
}

inline Address at(const char* text) {
  return *Address::parse(text);
}

struct StillClock final : Clock {
  TimePoint now() const override { return TimePoint(Seconds(1000)); }
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(Seconds(2'000'000));
  }
};

// Anchor hcd/www: 192.0.2.80 port 80, label www, to <www> of 10.0.0.1 and 10.0.0.2.
struct FakeKernel {
  fastpath::FakeMemory memory;
  StillClock clock;
  std::unique_ptr<fastpath::Maps> made = std::make_unique<fastpath::FakeMaps>(memory);
  fastpath::Maps* maps = made.get();
  fastpath::BpfEngine engine{std::move(made), clock, [] { return 7U; }, "bpf"};

  FakeKernel() {
    auto transaction = engine.begin();
    transaction.set_table("hcd/www", *fastpath::make_table("www", {{at("10.0.0.1")}, {at("10.0.0.2")}}));
    transaction.set_rules("hcd/www", {{.to = at("192.0.2.80"), .port = 80, .label = "www", .table = "www"}});
    if (!engine.commit(transaction)) std::abort();
  }

  [[nodiscard]] Kernel kernel() { return {*maps, engine, clock}; }
  [[nodiscard]] std::string entries(const std::string& anchor, const std::string& table) const {
    const auto found = engine.ruleset().find(anchor);
    if (found == engine.ruleset().end() || !found->second.tables.contains(table)) return "none";
    std::string out;
    for (const auto& entry : found->second.tables.at(table).entries) {
      out += (out.empty() ? "" : " ") + entry.text();
      if (entry.weight != 1) out += " weight " + std::to_string(entry.weight);
    }
    return out;
  }
};

}  // namespace hcd::hcpfctl
