#include "hcd/conf/parse_check_dns.h"

#include "hcd/conf/dns_words.h"
#include "hcd/conf/parse_options.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

bool parse_type(Parser& p, Check& check, const Token&) {
  const auto type = p.value("a type of DNS records");
  if (!type) return false;
  const auto number = dns_type(type->text);
  if (!number) return p.error(type->at, quoted(*type) + " is not a type of DNS records: write TYPE and its number");
  check.peer.query = *number;
  return true;
}

bool parse_tcp(Parser&, Check& check, const Token&) {
  return check.peer.tcp = true;
}

bool parse_rcode(Parser& p, Check& check) {
  const auto rcode = p.value("a DNS response code");
  if (!rcode) return false;
  check.peer.rcode = dns_rcode(rcode->text);
  return check.peer.rcode ||
         p.error(rcode->at, quoted(*rcode) + " is neither a DNS response code nor a number up to 15");
}

bool parse_address(Parser& p, Check& check) {
  const auto address = p.value("an address");
  if (!address) return false;
  check.peer.address = Address::parse(address->text);
  return check.peer.address || p.error(address->at, quoted(*address) + " is not an address");
}

// One thing is expected: an address is there only where the code is NOERROR.
bool parse_expect(Parser& p, Check& check, const Token&) {
  if (p.accept("rcode")) return parse_rcode(p, check);
  if (p.accept("address")) return parse_address(p, check);
  return p.error(p.peek().at, "expected rcode or address, not " + quoted(p.peek()));
}

std::uint16_t default_type(const PeerCheck& peer) {
  return peer.address && peer.address->family == Family::Inet6 ? kDnsAaaa : kDnsA;
}

// An address can be found among records of its own type alone.
bool check_address(Parser& p, const PeerCheck& peer, Position at) {
  if (!peer.address) return true;
  if (peer.query == default_type(peer) || peer.query == kDnsAny) return true;
  return p.error(at, "no " + dns_type_text(peer.query) + " record holds the address " + peer.address->text());
}

}  // namespace

bool parse_dns(Parser& p, Check& check, const Token& word) {
  constexpr auto kOptions =
      std::to_array<Keyword<Check>>({{"type", parse_type}, {"tcp", parse_tcp}, {"expect", parse_expect}});
  check.type = CheckType::Dns;
  const auto name = p.value("the name to ask for");
  if (!name) return false;
  if (!is_dns_name(name->text)) return p.error(name->at, quoted(*name) + " is not a DNS name");
  check.peer.name = name->text;
  if (!parse_options(p, check, kOptions)) return false;
  if (check.peer.query == 0) check.peer.query = default_type(check.peer);
  return check_address(p, check.peer, word.at);
}

std::string dns_check_text(const PeerCheck& peer) {
  std::string out = "dns " + quote(peer.name);
  if (peer.query != default_type(peer)) out += " type " + dns_type_text(peer.query);
  if (peer.tcp) out += " tcp";
  if (peer.rcode) out += " expect rcode " + dns_rcode_text(*peer.rcode);
  if (peer.address) out += " expect address " + peer.address->text();
  return out;
}

}  // namespace hcd::conf
