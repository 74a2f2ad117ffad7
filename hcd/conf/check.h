// What a check is: a kind, and what each kind needs to know. Every kind's part stands beside the others and is empty
// unless it is that kind's; print_check.cc writes one back in the language's words.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/clock.h"
#include "hcd/conf/check_peers.h"

namespace hcd::conf {

enum class CheckType : std::uint8_t {
  None,
  Icmp,
  Tcp,
  Tls,  // the handshake alone
  HttpCode,
  HttpDigest,
  SendExpect,
  Script,
  Dns,
  Grpc,
  Redis,
  Mysql,
  Postgres,
  Smtp,
  Ldap,
};
constexpr CheckType last_of(CheckType) {
  return CheckType::Ldap;
}

enum class DigestType : std::uint8_t { Md5, Sha1, Sha256 };
constexpr DigestType last_of(DigestType) {
  return DigestType::Sha256;
}

enum class HttpMethod : std::uint8_t { Auto, Get, Head, Post, Options };  // Auto: HEAD, or GET where a body is needed
constexpr HttpMethod last_of(HttpMethod) {
  return HttpMethod::Options;
}

struct TlsCheck {
  bool verify = false;  // the certificate, by `ca`, and that it names the server
  std::string ca;       // path of a PEM file; empty: the system's
  std::string name;     // that the certificate must name; empty: `sni`, else the host as the configuration names it
  std::string sni;      // empty: an HTTP check's host, if it is a name
  std::string alpn;     // the protocol to agree upon; empty: none is offered
  std::optional<Seconds> expiry;  // how soon a certificate ends that is warned of; none: as usual; 0: it never is
  void fields(auto& f) { f(verify, ca, name, sni, alpn, expiry); }
  friend bool operator==(const TlsCheck&, const TlsCheck&) = default;
};

// How soon the server's certificate must end to be warned of; none: never, or it is not over TLS.
[[nodiscard]] inline std::optional<Seconds> expiry_limit(const std::optional<TlsCheck>& tls) {
  constexpr Seconds kUsual = std::chrono::hours(14 * 24);
  if (!tls || tls->expiry == Seconds(0)) return std::nullopt;
  return tls->expiry.value_or(kUsual);
}

struct CodeRange {
  std::uint16_t low = 0, high = 0;  // both included, 100 to 599
  void fields(auto& f) { f(low, high); }
  friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

struct HeaderMatch {
  std::string name, pattern;  // some header of this name, in whatever case, has a value in which RE2 finds the pattern
  void fields(auto& f) { f(name, pattern); }
  friend bool operator==(const HeaderMatch&, const HeaderMatch&) = default;
};

struct HttpCheck {
  std::string path;  // "/"
  std::string host;  // Host header and SNI; empty: HTTP/1.0 without one. Grpc: `:authority`; empty: localhost
  HttpMethod method = HttpMethod::Auto;
  std::vector<std::string> headers;  // "Name: value", to be sent besides
  std::vector<CodeRange> codes;      // HttpCode: one of them
  DigestType digest_type{};          // HttpDigest: told by the length
  std::string digest;                // HttpDigest: the raw bytes
  std::vector<HeaderMatch> expect_headers;
  std::string expect_body;  // RE2; empty: any
  void fields(auto& f) { f(path, host, method, headers, codes, digest_type, digest, expect_headers, expect_body); }
  friend bool operator==(const HttpCheck&, const HttpCheck&) = default;
};

struct ExchangeCheck {  // SendExpect
  bool binary = false;
  std::string send;    // raw bytes; empty: nothing
  std::string expect;  // a glob; binary: the bytes that the answer begins with
  void fields(auto& f) { f(binary, send, expect); }
  friend bool operator==(const ExchangeCheck&, const ExchangeCheck&) = default;
};

struct ScriptCheck {
  std::string path;
  void fields(auto& f) { f(path); }
  friend bool operator==(const ScriptCheck&, const ScriptCheck&) = default;
};

struct Check {
  CheckType type = CheckType::None;
  std::optional<TlsCheck> tls;  // over TLS; always there for Tls
  HttpCheck http;
  ExchangeCheck exchange;
  ScriptCheck script;
  PeerCheck peer;
  void fields(auto& f) { f(type, tls, http, exchange, script, peer); }
  friend bool operator==(const Check&, const Check&) = default;
};

}  // namespace hcd::conf
