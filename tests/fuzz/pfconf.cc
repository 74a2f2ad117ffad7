// pf.conf against any bytes. The input is pf.conf; a line "%% NAME" begins another file, for includes and tables to find. What
// loads must print to a text that loads to the same, in each dialect that has the words; what fails must say where.
#include <cstdint>
#include <cstdlib>

#include "fastpath/base/text.h"
#include "fastpath/pfconf/print.h"
#include "tests/fastpath/pfconf/fixture.h"

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pfconf;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_good(const Conf& conf) {
  demand(validate(conf.anchors).has_value());
  for (const Dialect dialect : {Dialect::Ours, Dialect::New, Dialect::Old}) {
    const auto text = print(conf, dialect);
    if (!text) {
      demand(dialect != Dialect::Ours);
      continue;
    }
    Fixture printed;
    const auto again = printed.load(*text, "");
    demand(again.has_value());
    demand(*again == conf);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Fixture input;
  std::string name = "pf.conf";
  for (const auto line : split({reinterpret_cast<const char*>(data), size}, '\n')) {
    if (line.starts_with("%% "))
      name = line.substr(3);
    else
      input.files.files[name] += std::string(line) + "\n";
  }
  input.macros["cli"] = "10.0.0.7";
  const auto conf = input.load(input.files.files["pf.conf"], "");
  if (conf)
    check_good(*conf);
  else
    demand(conf.error().text.contains(": "));
  return 0;
}
