// The example files of tests/conf: each good one prints as its .print says, each bad one tells exactly its .errors.
// HCD_UPDATE=1 in the environment rewrites what is expected; read the difference before you commit it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hcd/conf/load.h"
#include "hcd/conf/print.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

std::string slurp(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::vector<std::string> files_of(const std::string& folder) {
  return SystemFiles().match(folder + "/*.conf");
}

void compare(const std::string& expected_path, const std::string& actual) {
  if (std::getenv("HCD_UPDATE") != nullptr) std::ofstream(expected_path) << actual;
  STRCMP_EQUAL_TEXT(slurp(expected_path).c_str(), actual.c_str(), expected_path.c_str());
}

std::string with_suffix(const std::string& path, const std::string& suffix) {
  return std::filesystem::path(path).replace_extension(suffix).string();
}

}  // namespace

TEST_GROUP(Examples) {
  SystemFiles files;
  MemoryResolver resolver;

  void setup() override {
    resolver.names["www.example.org"] = {"192.0.2.81", "2001:db8::81"};
  }
};

TEST(Examples, each_good_file_prints_as_expected_after_its_warnings) {
  CHECK(files_of("tests/conf/good").size() > 5);
  for (const auto& path : files_of("tests/conf/good")) {
    const auto loaded = load({path, {}, files, resolver});
    std::string text = loaded ? "" : loaded.error().text;
    if (loaded) {
      for (const auto& warning : loaded->warnings) text += warning + "\n";
      text += print(loaded->config);
    }
    compare(with_suffix(path, ".print"), text);
  }
}

TEST(Examples, each_good_file_reads_back_equal_from_its_print) {
  for (const auto& path : files_of("tests/conf/good")) {
    const auto loaded = load({path, {}, files, resolver});
    CHECK_TEXT(loaded.has_value(), path.c_str());
    MemoryFiles printed;
    printed.files["printed"] = print(loaded->config);
    printed.programs.insert("/bin/true");
    const auto again = load({"printed", {}, printed, resolver});
    STRCMP_EQUAL("", again ? "" : again.error().text.c_str());
    CHECK_TEXT(again->config == loaded->config, path.c_str());
  }
}

TEST(Examples, each_bad_file_tells_all_its_errors_in_their_order) {
  CHECK(files_of("tests/conf/bad").size() > 5);
  for (const auto& path : files_of("tests/conf/bad")) {
    const auto loaded = load({path, {}, files, resolver});
    CHECK_TEXT(!loaded.has_value(), path.c_str());
    compare(with_suffix(path, ".errors"), loaded.error().text + "\n");
  }
}
