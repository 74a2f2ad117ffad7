// Bounded conversions between text and values. Nothing here throws or depends on the locale.
#pragma once
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hcd {

// The whole of `text` as a number in [low, high]; no sign, no blanks, no suffix.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, T low, T high, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty parts
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string_view trim(std::string_view text);  // blanks, tabs, newlines at both ends

// Bytes that would disturb a terminal or a log (controls, 0x7f and above) as \xNN, and at most `limit` bytes of them.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t limit = 256);

// "4d0402..." to bytes; nothing for an odd length or a foreign digit.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view digits);
[[nodiscard]] std::string to_hex(std::string_view bytes);

// The unique entry of `words` that `prefix` abbreviates (an exact match always wins).
enum class PrefixMatch : unsigned char { Unique, None, Ambiguous };
[[nodiscard]] PrefixMatch match_prefix(std::string_view prefix, const std::vector<std::string_view>& words,
                                       std::size_t& index);

}  // namespace hcd
