#include "ui/panel/format.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "ui/model/elapsed.h"

namespace hcd::ui {
namespace {

template <class... Args>
std::string print(const char* format, Args... args) {
  char out[64];
  std::snprintf(out, sizeof out, format, args...);
  return out;
}

std::tm local(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm out{};
  localtime_r(&seconds, &out);
  return out;
}

// With one digit after the point below ten, without above.
std::string scaled(double value, const char* unit) {
  return value < 9.95 ? print("%.1f%s", value, unit) : print("%.0f%s", value, unit);
}

}  // namespace

std::string short_latency(std::uint32_t us) {
  if (us < 1000) return print("%uus", us);
  if (us < 999'500) return scaled(us / 1000.0, "ms");
  return scaled(us / 1e6, "s");
}

std::string short_age(std::int64_t ms) {
  const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1000;
  if (seconds < 60) return print("%llds", static_cast<long long>(seconds));
  if (seconds < 3600) return print("%lldm", static_cast<long long>(seconds / 60));
  if (seconds < 86'400) return print("%lldh", static_cast<long long>(seconds / 3600));
  return print("%lldd", static_cast<long long>(seconds / 86'400));
}

std::string long_age(std::int64_t ms) {
  const long long seconds = std::max<std::int64_t>(ms, 0) / 1000;
  if (seconds < 60) return print("%llds", seconds);
  if (seconds < 3600) return print("%lldm%02llds", seconds / 60, seconds % 60);
  if (seconds < 86'400) return print("%lldh%02lldm", seconds / 3600, seconds % 3600 / 60);
  return print("%lldd%02lld:%02lld", seconds / 86'400, seconds % 86'400 / 3600, seconds % 3600 / 60);
}

std::string percent(std::uint64_t part, std::uint64_t of) {
  if (of == 0) return "-";
  if (part >= of) return "100.0";
  const auto hundredths = static_cast<unsigned>(static_cast<double>(part) * 10'000 / static_cast<double>(of));
  return print("%u.%02u", hundredths / 100, hundredths % 100);
}

std::string clock_text(std::int64_t wall_ms, bool zone) {
  const std::tm at = local(wall_ms);
  char out[64];
  std::strftime(out, sizeof out, zone ? "%H:%M:%S %Z" : "%H:%M:%S", &at);
  return out;
}

std::string when_text(std::int64_t wall_ms, std::int64_t now_ms) {
  constexpr std::int64_t kDay = 86'400'000;
  if (std::abs(elapsed(now_ms, wall_ms)) < kDay) return clock_text(wall_ms);
  const std::tm at = local(wall_ms);
  char out[64];
  std::strftime(out, sizeof out, "%m-%d %H:%M:%S", &at);
  return out;
}

}  // namespace hcd::ui
