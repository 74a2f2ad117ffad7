#include "fastpath/pf/parse.h"

#include "fastpath/pfconf/conf.h"

namespace hcd::fastpath::pf {
namespace {

constexpr const char* kPath = "stdin";

class OneText final : public Files {
 public:
  explicit OneText(const std::string& text) : text_(text) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    if (path != kPath) return fail(Code::NotFound, "no file but this");
    if (text_.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
    return text_;
  }
  [[nodiscard]] std::vector<std::string> match(const std::string&) const override { return {}; }
  [[nodiscard]] Status executable(const std::string&) const override { return fail(Code::NotFound, "cannot be run"); }

 private:
  const std::string& text_;
};

// pf knows interfaces by name, whether they are there or not: the numbers only tell them apart.
class AnyInterface final : public pfconf::Surroundings {
 public:
  [[nodiscard]] std::optional<std::uint16_t> service(const std::string&) const override { return std::nullopt; }
  [[nodiscard]] std::optional<unsigned> interface_index(const std::string& name) const override {
    return numbers_.try_emplace(name, static_cast<unsigned>(numbers_.size() + 1)).first->second;
  }

 private:
  mutable std::map<std::string, unsigned> numbers_;
};

}  // namespace

Result<Anchor> parse_anchor(const std::string& text, const std::string& anchor,
                            const std::map<std::string, Table>& tables) {
  const OneText files(text);
  const AnyInterface surroundings;
  const Ruleset known = {{anchor, Anchor{.rules = {}, .tables = tables}}};
  auto conf = pfconf::load(
      {.path = kPath, .anchor = anchor, .macros = {}, .files = files, .surroundings = surroundings, .in_force = known});
  if (!conf) return std::unexpected(conf.error());
  if (conf->anchors.size() > 1) return fail(Code::Unsupported, "anchors within an anchor");
  return std::move(conf->anchors[anchor]);
}

}  // namespace hcd::fastpath::pf
