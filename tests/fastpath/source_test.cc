#include "fastpath/base/source.h"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/fake/needs.h"

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

ROOT_TEST(SystemFiles, a_program_that_others_than_root_may_change_or_replace_is_told_from_one_that_they_may_not) {
  const auto why = [this](const std::string& name) {
    const auto done = files.only_root_changes(path(name));
    return done ? "" : done.error().text;
  };
  write("a", "");
  STRCMP_EQUAL("is not executable", why("a").c_str());
  CHECK_EQUAL(0, chmod(path("a").c_str(), 0755));
  STRCMP_EQUAL("", why("a").c_str());  // /tmp is sticky
  CHECK_EQUAL(0, symlink("a", path("b").c_str()));
  STRCMP_EQUAL("", why("b").c_str());
  CHECK_EQUAL(0, lchown(path("b").c_str(), 65534, 65534));
  STRCMP_EQUAL("does not belong to root", why("b").c_str());
  CHECK_EQUAL(0, chmod(path("a").c_str(), 0775));
  STRCMP_EQUAL("can be changed by others than root", why("a").c_str());
  CHECK_EQUAL(0, chmod(path("a").c_str(), 0755));
  CHECK_EQUAL(0, chmod(folder.c_str(), 0777));
  STRCMP_EQUAL(("(by " + folder + ") can be changed by others than root").c_str(), why("a").c_str());
  CHECK_EQUAL(0, chmod(folder.c_str(), 0755));
  CHECK_EQUAL(0, chown(folder.c_str(), 65534, 65534));
  STRCMP_EQUAL(("(by " + folder + ") does not belong to root").c_str(), why("a").c_str());
  CHECK(files.only_root_changes(path("none")).error().code == Code::NotFound);
  CHECK(files.only_root_changes("/bin/sh").has_value());
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
