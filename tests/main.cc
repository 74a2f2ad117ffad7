// The one test binary. CppUTest's leak detector is off: AddressSanitizer does that work. The log goes nowhere, so that the
// run prints nothing but a dot a test.
#include "fastpath/base/log.h"

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

int main(int argc, char** argv) {
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  hcd::log::open("unit", hcd::log::Where::Nowhere, false);
  return CommandLineTestRunner::RunAllTests(argc, argv);
}
