#include "hcd/conf/duration.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_number<std::uint32_t>(text.substr(0, digits), 0, UINT32_MAX);
  const auto unit = std::ranges::find(kUnits, digits == text.size() ? "s" : text.substr(digits),
                                      &std::pair<std::string_view, std::int64_t>::first);
  if (!count || unit == kUnits.end()) return std::nullopt;
  return Milliseconds(*count * unit->second);
}

std::string duration_text(Milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) : std::to_string(count) + "ms";
}

std::string brief_text(Milliseconds duration) {
  for (const auto& [name, size] : std::views::reverse(kUnits))
    if (duration.count() >= size && duration.count() % size == 0)
      return std::to_string(duration.count() / size) + std::string(name);
  return std::to_string(duration.count()) + "ms";
}

}  // namespace hcd::conf
