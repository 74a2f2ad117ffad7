// The programs are shells that stand in for pfctl.
#include "hcd/pfctl/process_pfctl.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfctl;

TEST_GROUP(ProcessPfctl) {
  char directory[24] = "/tmp/hcd-pfctl-XXXXXX";

  void setup() override {
    signal(SIGPIPE, SIG_IGN);
    CHECK(mkdtemp(directory) != nullptr);
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
  std::string script(const std::string& text) const {
    const std::string path = std::string(directory) + "/pfctl";
    std::ofstream(path) << "#!/bin/bash\n" << text;
    CHECK_EQUAL(0, chmod(path.c_str(), 0755));
    return path;
  }
  static std::string error_of(ProcessPfctl pfctl) {
    const auto output = pfctl.run({}, "");
    return output ? "" : output.error().text;
  }
};

TEST(ProcessPfctl, it_is_given_arguments_and_input_and_what_it_printed_comes_back) {
  ProcessPfctl pfctl(script("echo \"$# $*\"; cat; echo trouble >&2; exit 3\n"), Seconds(60));
  const auto output = pfctl.run({"-a", "hcd/www", "-f", "-"}, "table <www> persist\n");
  STRCMP_EQUAL("", output ? "" : output.error().text.c_str());
  CHECK_EQUAL(3, output->status);
  STRCMP_EQUAL("4 -a hcd/www -f -\ntable <www> persist\n", output->out.c_str());
  STRCMP_EQUAL("trouble\n", output->err.c_str());
}

TEST(ProcessPfctl, it_has_no_environment) {
  ProcessPfctl pfctl(script("env | grep -vE '^(_|PWD|OLDPWD|SHLVL)='; exit 0\n"), Seconds(60));
  STRCMP_EQUAL("", pfctl.run({}, "")->out.c_str());
}

TEST(ProcessPfctl, input_and_output_larger_than_pipes_do_not_wait_for_each_other) {
  const std::string much(1U << 20, 'x');
  ProcessPfctl pfctl(script("cat\n"), Seconds(60));
  CHECK(pfctl.run({}, much)->out == much);
}

TEST(ProcessPfctl, input_that_is_not_read_is_no_error) {
  ProcessPfctl pfctl(script("exec <&-; echo done\n"), Seconds(60));
  STRCMP_EQUAL("done\n", pfctl.run({}, std::string(1U << 20, 'x'))->out.c_str());
}

TEST(ProcessPfctl, one_that_hangs_is_killed_with_all_that_it_began) {
  const auto output = ProcessPfctl(script("sleep 600 & sleep 600\n"), Milliseconds(300)).run({}, "");
  CHECK(!output.has_value());
  CHECK_EQUAL(ETIMEDOUT, output.error().sys);
  STRCMP_EQUAL((std::string(directory) + "/pfctl: it took too long, and was killed").c_str(),
               output.error().text.c_str());
}

TEST(ProcessPfctl, one_that_prints_without_end_is_killed) {
  STRCMP_CONTAINS("it printed more than 16777216 bytes, and was killed",
                  error_of(ProcessPfctl(script("exec cat /dev/zero\n"), Seconds(60))).c_str());
}

TEST(ProcessPfctl, a_crash_and_a_program_that_cannot_be_run_are_told_apart) {
  STRCMP_CONTAINS("it was killed by signal 11", error_of(ProcessPfctl(script("kill -SEGV $$\n"), Seconds(60))).c_str());
  STRCMP_EQUAL("/nonexistent/pfctl: it cannot be run: No such file or directory",
               error_of(ProcessPfctl("/nonexistent/pfctl", Seconds(60))).c_str());
}
