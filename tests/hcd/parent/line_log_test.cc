#include "hcd/parent/line_log.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

TEST_GROUP(LineLog){};

TEST(LineLog, a_childs_own_line_keeps_its_level_and_its_words) {
  const auto line = read_log_line("hce", "<6>host 10.0.0.1, check tcp");
  CHECK(line.level == log::Level::Info);
  STRCMP_EQUAL("host 10.0.0.1, check tcp", line.text.c_str());
  CHECK(read_log_line("hce", "<0>x").level == log::Level::Error);
}

TEST(LineLog, what_others_wrote_says_whose_child_it_was) {
  for (const auto& [line, text] :
       {std::pair("hce: system call 41 is not allowed", "hce wrote: hce: system call 41 is not allowed"),
        std::pair("<9>x", "hce wrote: <9>x"), std::pair("<", "hce wrote: <"), std::pair("", "hce wrote: ")}) {
    const auto read = read_log_line("hce", line);
    CHECK(read.level == log::Level::Warning);
    STRCMP_EQUAL(text, read.text.c_str());
  }
}

TEST(LineLog, control_characters_do_not_reach_the_log) {
  CHECK(read_log_line("hce", "<4>a\x1b[2Jb").text.find('\x1b') == std::string::npos);
}
