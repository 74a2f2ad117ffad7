#include "hcd/hce/ldap.h"

#include "hcd/hce/ber.h"

namespace hcd::hce {
namespace {

using namespace std::string_view_literals;

// LDAPMessage { messageID 1, BindRequest { version 3, name "", simple "" } }
constexpr std::string_view kBind = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"sv;
// LDAPMessage { messageID 2, ExtendedRequest { 1.3.6.1.4.1.1466.20037 } }: StartTLS, RFC 4511 4.14
constexpr std::string_view kStartTls =
    "\x30\x1d\x02\x01\x02\x77\x18\x80\x16"
    "1.3.6.1.4.1.1466.20037"sv;
// LDAPMessage { messageID 3, UnbindRequest }
constexpr std::string_view kUnbind = "\x30\x05\x02\x01\x03\x42\x00"sv;

constexpr std::uint8_t kBindResponse = 0x61, kExtendedResponse = 0x78;
constexpr std::uint32_t kBindId = 1, kStartTlsId = 2;

}  // namespace

namespace ldap {

Result parse_result(std::string_view bytes) {
  Result out;
  ber::Header header;
  const auto is = ber::read_header(bytes, header);
  if (is == ber::HeaderIs::Bad || header.tag != ber::kSequence) return out;
  if (is == ber::HeaderIs::Short) return {.is = Result::Is::Short};
  out.size = header.size + header.length;
  if (out.size > Profile::kHeardMax) return out;
  if (out.size > bytes.size()) return {.is = Result::Is::Short};

  ber::Reader message(bytes.substr(header.size, header.length));
  const auto id = message.number(ber::kInteger);
  const std::uint8_t operation = message.next_tag();
  if (!id || (operation != kBindResponse && operation != kExtendedResponse)) return out;
  const auto contents = message.take(operation);
  ber::Reader response(contents.value_or(std::string_view()));
  const auto code = response.number(ber::kEnumerated);
  const auto matched = response.take(ber::kOctets);
  const auto text = response.take(ber::kOctets);
  if (!contents || !code || !matched || !text) return out;
  out.is = operation == kBindResponse ? Result::Is::Bind : Result::Is::Extended;
  out.id = *id;
  out.code = *code;
  out.text = *text;
  return out;
}

}  // namespace ldap

Ldap::Ldap() : Profile({ipc::Reason::LdapOk, ipc::Reason::LdapMalformed, ipc::Reason::LdapFailed}) {}

void Ldap::start() {
  starting_tls_ = plan().check.peer.starttls;
  say(starting_tls_ ? kStartTls : kBind);
}

void Ldap::secured() {
  say(kBind);
}

std::size_t Ldap::hear(std::string_view heard) {
  const auto result = ldap::parse_result(heard);
  if (result.is == ldap::Result::Is::Short) return 0;
  on_result(result);
  return judged() ? heard.size() : result.size;
}

void Ldap::on_result(const ldap::Result& result) {
  using Is = ldap::Result::Is;
  if (result.is == Is::Malformed) return malformed("answer");
  const bool notice = result.is == Is::Extended && result.id == 0;  // of disconnection: RFC 4511 4.4.1
  const bool expected = starting_tls_ ? result.is == Is::Extended && result.id == kStartTlsId
                                      : result.is == Is::Bind && result.id == kBindId;
  if (!notice && !expected) return malformed("answer to another request");
  if (result.code > 0xffff) return malformed("result code");
  if (notice || result.code != 0)
    return refused(static_cast<std::uint16_t>(result.code), result.text, notice ? std::string_view() : kUnbind);
  std::exchange(starting_tls_, false) ? secure() : pass(kUnbind);
}

}  // namespace hcd::hce
