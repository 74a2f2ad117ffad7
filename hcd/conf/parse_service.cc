// Inside `service NAME { }`.
#include "hcd/conf/parse_steering.h"
#include "hcd/conf/parse_use.h"

namespace hcd::conf {
namespace {

bool parse_virtual(Parser& p, ast::Service& service, const Token&) {
  if (!p.expect("host")) return false;
  const auto host = p.value("an address");
  if (!host) return false;
  ast::Virtual added{.host = {host->text, host->at}, .interface = {}};
  if (!parse_endpoint(p, added)) return false;
  service.virtuals.push_back(std::move(added));
  return true;
}

bool parse_table(Parser& p, ast::Service& service, const Token& word) {
  auto use = parse_named(p);
  if (!use) return false;
  if (service.table)
    return p.error(use->name.at,
                   "'" + word.text + "' is given twice, first on line " + std::to_string(service.table->name.at.line));
  service.table = std::move(use);
  return true;
}

bool parse_backup(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("table")) return false;
  auto use = parse_named(p);
  return use && add_backup(p, service, std::move(*use), word);
}

constexpr auto kOwn = std::to_array<Keyword<ast::Service>>({
    {"virtual", parse_virtual},
    {"table", parse_table},
    {"backup", parse_backup},
    {"use", parse_use},
});
constexpr std::string_view kRelayd = "this is relayd's word for a redirect: a service has 'virtual host' and 'table'";
constexpr auto kOthers = std::to_array<Keyword<ast::Service>>({
    {"listen", nullptr, kRelayd},
    {"forward", nullptr, kRelayd},
    {"route", nullptr, kRelayd},
    {"match", nullptr, kRelayd},
    {"pftag", nullptr, kRelayd},
});
constexpr auto kKeywords = joined(joined(kOwn, kSteeringWords), kOthers);

}  // namespace

const Section<ast::Service> kServiceSection = {"a service", kKeywords};

}  // namespace hcd::conf
