// The language of pf.conf(5), as far as this packet path can carry it out, in both of its dialects: that of OpenBSD since
// 4.7 (`pass in quick ... rdr-to <web>`) and the older one (`rdr ... -> <web>`). Reading knows nothing of kernels: text goes
// in, anchors come out, or every error of all files at once, each with its line and column. What pf could do and we cannot
// is refused with a sentence; nothing is passed over.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "fastpath/anchor.h"
#include "fastpath/base/lexer.h"
#include "fastpath/base/source.h"
#include "fastpath/guard.h"

namespace hcd::fastpath::pfconf {

enum class Limit : std::uint8_t { States, SrcNodes, Tables, TableEntries, Anchors, Count };

[[nodiscard]] std::string_view limit_name(Limit limit);  // "src-nodes"
[[nodiscard]] std::optional<Limit> limit_named(std::string_view name);

struct Settings {  // of the main ruleset: `set timeout`, `set limit`, `set when-full`, `set syn-guard`
  Timeouts timeouts;
  std::optional<std::uint32_t> adaptive_start, adaptive_end;  // states
  std::map<Limit, std::uint32_t> limits;
  std::optional<WhenFull> when_full;
  std::optional<std::uint32_t> syn_guard;  // new TCP states a second
  friend bool operator==(const Settings&, const Settings&) = default;
};

struct Conf {
  Ruleset anchors;  // those that the file replaces, by full name
  Settings settings;
  friend bool operator==(const Conf&, const Conf&) = default;
};

// What a file refers to and does not hold.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  [[nodiscard]] virtual std::optional<std::uint16_t> service(const std::string& name) const = 0;
  [[nodiscard]] virtual std::optional<unsigned> interface_index(const std::string& name) const = 0;
};

class SystemSurroundings final : public Surroundings {  // services(5), the caller's network namespace
 public:
  [[nodiscard]] std::optional<std::uint16_t> service(const std::string& name) const override;
  [[nodiscard]] std::optional<unsigned> interface_index(const std::string& name) const override;
};

struct LoadOptions {
  std::string path;
  std::string anchor;  // that the file is for; empty: the main ruleset, which here holds anchors and settings alone
  Macros macros;       // win over those that the file defines
  const Files& files;
  const Surroundings& surroundings;
  const Ruleset& in_force;  // whose tables rules may name, and whose other anchors may have claimed an address
};

[[nodiscard]] Result<Conf> load(const LoadOptions& options);

}  // namespace hcd::fastpath::pfconf
