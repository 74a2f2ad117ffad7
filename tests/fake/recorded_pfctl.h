// A recorded pfctl: each run must be the next that is expected, to the byte, and answers as recorded.
#pragma once
#include <deque>

#include "fastpath/base/text.h"
#include "fastpath/pf/pfctl.h"

#include <CppUTest/TestHarness.h>

namespace hcd::test {

class RecordedPfctl final : public fastpath::pf::Pfctl {
 public:
  struct Step {
    std::string arguments, input;
    fastpath::pf::PfctlOutput output;
  };
  std::deque<Step> steps;

  void expect(const char* arguments, const char* input = "", fastpath::pf::PfctlOutput output = {}) {
    steps.push_back({arguments, input, std::move(output)});
  }
  Result<fastpath::pf::PfctlOutput> run(const std::vector<std::string>& arguments, const std::string& input) override {
    const std::string words = join(arguments, " ");
    if (steps.empty()) FAIL(("not expected: pfctl " + words).c_str());
    const Step step = steps.front();
    steps.pop_front();
    STRCMP_EQUAL(step.arguments.c_str(), words.c_str());
    STRCMP_EQUAL(step.input.c_str(), input.c_str());
    return step.output;
  }
};

}  // namespace hcd::test
