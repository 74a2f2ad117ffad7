// The example files of tests/pfconf: each good one prints as its .print says, each bad one tells exactly its .errors. A good one
// is for the main ruleset, a bad one for an anchor, but for that of two anchors with one address.
// HCD_UPDATE=1 in the environment rewrites what is expected; read the difference before you commit it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fastpath/pfconf/print.h"
#include "tests/fastpath/pfconf/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pfconf;

namespace {

std::string slurp(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

void compare(const std::string& path, const char* suffix, const std::string& actual) {
  const auto expected = std::filesystem::path(path).replace_extension(suffix).string();
  if (std::getenv("HCD_UPDATE") != nullptr) std::ofstream(expected) << actual;
  STRCMP_EQUAL_TEXT(slurp(expected).c_str(), actual.c_str(), expected.c_str());
}

// The file system, seen from the example's folder.
class ExampleFiles final : public Files {
 public:
  explicit ExampleFiles(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    return SystemFiles().read(folder_ + "/" + path, limit);
  }
  [[nodiscard]] std::vector<std::string> match(const std::string&) const override { return {}; }
  [[nodiscard]] Status executable(const std::string& path) const override {
    return SystemFiles().executable(folder_ + "/" + path);
  }

 private:
  std::string folder_;
};

}  // namespace

TEST_GROUP(PfConfExamples) {
  MemorySurroundings surroundings;
  Ruleset in_force;

  Result<Conf> load(const std::string& path, const std::string& anchor) {
    const std::filesystem::path file(path);
    const ExampleFiles files(file.parent_path());
    return pfconf::load({file.filename(), anchor, {}, files, surroundings, in_force});
  }
  static std::vector<std::string> files_of(const char* pattern) {
    auto out = SystemFiles().match(pattern);
    CHECK(out.size() > 1);
    return out;
  }
};

TEST(PfConfExamples, each_good_file_prints_as_expected) {
  for (const auto& path : files_of("tests/pfconf/good/*.conf")) {
    const auto conf = load(path, "");
    compare(path, ".print", conf ? *print(*conf, Dialect::Ours) : conf.error().text);
  }
}

TEST(PfConfExamples, each_good_file_reads_back_equal_from_its_print) {
  for (const auto& path : files_of("tests/pfconf/good/*.conf")) {
    const auto conf = load(path, "");
    CHECK_TEXT(conf.has_value(), path.c_str());
    for (const Dialect dialect : {Dialect::Ours, Dialect::New, Dialect::Old}) {
      const auto text = print(*conf, dialect);
      if (!text) continue;
      Fixture printed;
      const auto again = printed.load(*text, "");
      STRCMP_EQUAL("", again ? "" : again.error().text.c_str());
      CHECK_TEXT(*again == *conf, path.c_str());
    }
  }
}

TEST(PfConfExamples, each_bad_file_tells_all_its_errors_in_their_order) {
  for (const auto& path : files_of("tests/pfconf/bad/*.conf")) {
    const auto conf = load(path, path.ends_with("claims.conf") ? "" : "top");
    CHECK_TEXT(!conf.has_value(), path.c_str());
    compare(path, ".errors", conf.error().text + "\n");
  }
}
