#include "hcd/parent/state_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

TEST_GROUP(StateFile) {
  std::string above = "/tmp/hcd-state-XXXXXX";
  std::unique_ptr<StateFile> file;
  const StateFile::Entries some{{"host a", std::string("x\0y", 3)}, {"host b", "z"}};

  void setup() override {
    CHECK(mkdtemp(above.data()) != nullptr);
    file = std::make_unique<StateFile>(above + "/state");
  }
  void teardown() override {
    std::filesystem::remove_all(above);
  }
  [[nodiscard]] std::string content() const {
    std::ostringstream out;
    out << std::ifstream(file->path(), std::ios::binary).rdbuf();
    return out.str();
  }
  void becomes(const std::string& bytes) {
    std::ofstream(file->path(), std::ios::binary | std::ios::trunc) << bytes;
  }
  // What is said of such a file; it must be out of the way afterwards.
  std::string refusal(const std::string& bytes) {
    becomes(bytes);
    const auto loaded = file->load();
    CHECK(!loaded);
    CHECK(!std::filesystem::exists(file->path()));
    CHECK(std::filesystem::exists(file->path() + ".bad"));
    return loaded ? "" : loaded.error().text;
  }
};

TEST(StateFile, what_is_saved_is_loaded_and_is_nobody_elses_to_read) {
  CHECK(file->load().value().empty());
  CHECK(file->save({}).has_value());
  CHECK(!std::filesystem::exists(above + "/state"));  // nothing to keep makes no file
  CHECK(file->save(some).has_value());
  CHECK(file->load().value() == some);
  struct stat status{};
  CHECK_EQUAL(0, stat(file->path().c_str(), &status));
  CHECK_EQUAL(0600U, status.st_mode & 0777U);
  CHECK_EQUAL(0, stat((above + "/state").c_str(), &status));
  CHECK_EQUAL(0700U, status.st_mode & 0777U);
  CHECK(file->save({}).has_value());
  CHECK(file->load().value().empty());
}

TEST(StateFile, one_that_is_cut_off_changed_or_of_another_version_is_set_aside) {
  CHECK(file->save(some).has_value());
  const std::string good = content();
  for (std::size_t size = 0; size < good.size(); size++) (void)refusal(good.substr(0, size));
  for (std::size_t at = 0; at < good.size(); at++) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    (void)refusal(bad);
  }
  STRCMP_CONTAINS("its checksum is wrong; set aside as ", refusal(good + "x").c_str());
  STRCMP_CONTAINS("another version", refusal("hcd state 2\n" + good.substr(12)).c_str());
  becomes(good);
  CHECK(file->load().value() == some);
}

TEST(StateFile, one_that_others_may_write_or_that_is_no_file_is_not_believed) {
  CHECK(file->save(some).has_value());
  CHECK_EQUAL(0, chmod(file->path().c_str(), 0660));
  STRCMP_CONTAINS("others than the daemon may write to it", file->load().error().text.c_str());
  CHECK_EQUAL(0, symlink("/etc/passwd", file->path().c_str()));
  CHECK(!file->load());
  CHECK_EQUAL(0, mkfifo(file->path().c_str(), 0600));
  STRCMP_CONTAINS("no regular file", file->load().error().text.c_str());
}

TEST(StateFile, a_file_that_was_not_finished_is_replaced_and_one_that_cannot_be_written_is_an_error) {
  CHECK_EQUAL(0, mkdir((above + "/state").c_str(), 0700));
  std::ofstream(file->path() + ".new") << "half";
  CHECK(file->save(some).has_value());
  CHECK(file->load().value() == some);
  CHECK(!StateFile(above + "/no/such").save(some));
}
