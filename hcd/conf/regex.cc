#include "hcd/conf/regex.h"

#include "fastpath/base/text.h"

namespace hcd::conf {

Result<Regex> compile_regex(std::string_view pattern) {
  constexpr std::int64_t kMemory = 1 << 20;
  if (pattern.size() > kRegexMax)
    return fail(Code::Limit, "the expression is longer than " + std::to_string(kRegexMax) + " bytes");
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // a byte is a character: no text is malformed
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  auto regex = std::make_shared<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!regex->ok()) return fail(Code::Invalid, "the expression does not compile: " + printable(regex->error()));
  return regex;
}

bool finds(const Regex& regex, std::string_view text) {
  return regex->Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace hcd::conf
