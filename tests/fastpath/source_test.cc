#include "fastpath/base/source.h"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;

TEST_GROUP(SystemFiles) {
  std::string folder;
  SystemFiles files;

  void setup() override {
    char name[] = "/tmp/hcd-conf-XXXXXX";
    folder = mkdtemp(name);
  }
  void teardown() override {
    for (const auto& path : files.match(folder + "/*")) unlink(path.c_str());
    rmdir(folder.c_str());
  }
  std::string path(const std::string& name) const {
    return folder + "/" + name;
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
};

TEST(SystemFiles, a_file_is_read_whole) {
  const std::string text(100000, 'x');
  write("a", text);
  CHECK(files.read(path("a"), 100000) == text);
}

TEST(SystemFiles, a_file_above_the_limit_is_refused) {
  write("a", "12345");
  STRCMP_EQUAL("larger than 4 bytes", files.read(path("a"), 4).error().text.c_str());
}

TEST(SystemFiles, a_device_that_never_ends_is_refused) {
  STRCMP_EQUAL("not a regular file", files.read("/dev/zero", 4).error().text.c_str());
}

TEST(SystemFiles, a_fifo_without_a_writer_is_refused_and_does_not_block) {
  CHECK_EQUAL(0, mkfifo(path("pipe").c_str(), 0600));
  STRCMP_EQUAL("not a regular file", files.read(path("pipe"), 4).error().text.c_str());
}

TEST(SystemFiles, a_folder_is_refused) {
  STRCMP_EQUAL("not a regular file", files.read(folder, 4).error().text.c_str());
}

TEST(SystemFiles, a_pattern_matches_in_ascending_order) {
  for (const char* name : {"b.conf", "a.conf", "c.txt"}) write(name, "");
  const auto found = files.match(folder + "/*.conf");
  CHECK_EQUAL(2U, found.size());
  CHECK(found[0] == path("a.conf") && found[1] == path("b.conf"));
}

TEST(SystemFiles, a_pattern_without_a_match_gives_nothing) {
  CHECK(files.match(folder + "/none*").empty());
}
