// What the hosts of one table have in common when they are checked: shared by all of them, fixed for a generation.
#pragma once
#include <memory>
#include <string>

#include "fastpath/base/error.h"
#include "hcd/conf/config.h"
#include "hcd/tls/client.h"

namespace hcd::hce {

// Made once from the fields beside it, so that it tells nothing when two plans are compared.
template <class T>
struct Derived : std::shared_ptr<const T> {
  using std::shared_ptr<const T>::shared_ptr;
  using std::shared_ptr<const T>::operator=;
  friend bool operator==(const Derived&, const Derived&) { return true; }
};

struct Prepared {  // a kind's own part: what was compiled, what is sent
  virtual ~Prepared() = default;
};

struct Plan {
  std::uint16_t port = 0;
  conf::Check check;
  Milliseconds timeout{0};
  Milliseconds interval{0};
  conf::Pace pace;
  conf::Judgement judgement;
  std::string request;  // ready to send; empty: the kind sends none, or makes it anew for each check
  Derived<Prepared> prepared;
  std::shared_ptr<const tls::Authorities> authorities;  // by which the server's certificate is verified, if it is
  Derived<tls::ClientContext> tls;                      // if the check is over TLS
  friend bool operator==(const Plan&, const Plan&) = default;
};

// Refuses what no configuration that was validated can hold: no port, no time, a line break in a path or host.
// `authorities` are those of the check's `ca`.
[[nodiscard]] Result<Plan> make_plan(const conf::Table& table,
                                     std::shared_ptr<const tls::Authorities> authorities = nullptr);

// "http code use tls": as the log says it.
[[nodiscard]] std::string check_text(const conf::Check& check);

}  // namespace hcd::hce
