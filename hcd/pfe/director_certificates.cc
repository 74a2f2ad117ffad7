// The part of the Director that warns of certificates before they end.
#include "fastpath/base/log.h"
#include "hcd/pfe/director.h"

namespace hcd::pfe {
namespace {

constexpr Duration kReview = std::chrono::hours(1);  // how late it may be noticed that an end has come near
constexpr std::size_t kEarlyMax = 65536;             // certificates of hosts that are not known yet

}  // namespace

void Director::record(const ipc::HostCertificate& shown) {
  const auto host = roster_.hosts.find(shown.host);
  if (host == roster_.hosts.end()) {  // hce may know a configuration that is still on its way to us
    if (roster_.certificates.size() < roster_.hosts.size() + kEarlyMax)
      roster_.certificates.show(shown.host, shown.expires);
    return;
  }
  if (!roster_.checked(host->second) || !roster_.tables.at(host->second.table).conf.check.tls) return;
  roster_.certificates.show(shown.host, shown.expires);
  touch(ctl::Kind::Host, shown.host);
  review_certificate(shown.host);
}

void Director::review_certificate(Id id) {
  const auto host = roster_.hosts.find(id);
  if (host == roster_.hosts.end()) return;
  const auto& tls = roster_.tables.at(host->second.table).conf.check.tls;
  const bool was_soon = roster_.certificates.ends_soon(id);
  const auto word = roster_.certificates.review(id, conf::expiry_limit(tls), loop_.now(), loop_.wall_ms() / 60'000);
  if (roster_.certificates.ends_soon(id) != was_soon) touch(ctl::Kind::Host, id);
  if (word == Certificates::Word::None) return;
  const bool replaced = word == Certificates::Word::Replaced;
  const std::string name = roster_.name(ctl::Kind::Host, id);
  const std::string text =
      (replaced ? "another " : "") + ctl::certificate_text(roster_.certificates.ends(id), loop_.wall_ms());
  log::write(replaced ? log::Level::Notice : log::Level::Warning, "host " + name + ", " + text);
  event(ctl::EventKind::Host, name, text);
}

void Director::review_certificates() {
  reviewer_->after(kReview);
  roster_.certificates.each([this](Id host) { review_certificate(host); });
}

}  // namespace hcd::pfe
