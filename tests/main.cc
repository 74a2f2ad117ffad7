// The one test binary. CppUTest's leak detector is off: AddressSanitizer does that work. The log goes nowhere, so that the
// run prints a dot a test, and at its end what was ignored and why.
#include <cstdio>

#include "fastpath/base/log.h"
#include "tests/fake/needs.h"

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

int main(int argc, char** argv) {
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  hcd::log::open("unit", hcd::log::Where::Nowhere, false);
  const int failures = CommandLineTestRunner::RunAllTests(argc, argv);
  for (const auto& [why, count] : hcd::needs::ignored()) std::printf("%d tests ignored: %s\n", count, why.c_str());
  return failures;
}
