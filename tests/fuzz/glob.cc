// Whatever pattern and text: compiling ends, matching agrees with fnmatch(3) where both have the pattern, and a run over
// pieces tells what one over the whole does.
#include "fastpath/base/glob.h"

#include <cstddef>
#include <cstdlib>
#include <string>

#include <fnmatch.h>

using namespace hcd;

namespace {

GlobRun::State run(const Glob& glob, std::string_view text, std::size_t step) {
  GlobRun run;
  run.begin(glob);
  for (std::size_t at = 0; at < text.size(); at += step) run.feed(text.substr(at, step));
  return run.state();
}

bool some_beginning_matches(const Glob& glob, std::string_view text) {
  for (std::size_t size = 0; size <= text.size(); size++)
    if (glob.matches(text.substr(0, size))) return true;
  return false;
}

// A '[' without a ']' behind it: fnmatch(3) of glibc takes one for itself, but not in all places.
bool leaves_a_bracket_open(const std::string& pattern) {
  const auto last = pattern.rfind('[');
  return last != std::string::npos && pattern.find(']', last) == std::string::npos;
}

}  // namespace

// The first NUL parts the pattern from the text.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string pattern(all.substr(0, all.find('\0')));
  const std::string text(pattern.size() < all.size() ? all.substr(pattern.size() + 1) : "");
  const auto glob = Glob::compile(pattern);
  if (!glob) return 0;
  const auto whole = run(*glob, text, text.size() + 1);
  if (run(*glob, text, 1) != whole || run(*glob, text, 7) != whole) std::abort();
  if (text.size() > 256) return 0;
  if (some_beginning_matches(*glob, text) != (whole == GlobRun::State::Matched)) std::abort();
  if (text.find('\0') == std::string::npos && pattern.size() < 64 && !leaves_a_bracket_open(pattern) &&
      (fnmatch(pattern.c_str(), text.c_str(), 0) == 0) != glob->matches(text))
    std::abort();
  return 0;
}
