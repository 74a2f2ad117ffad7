#include "hcd/names/ares_dns.h"

#include <algorithm>
#include <limits>

#include <sys/time.h>

namespace hcd::names {
namespace {

using conf::NameFault;

constexpr int kTimeoutMs = 1500, kTries = 3;  // c-ares doubles the time with each try

NameFault fault_of(int status) {
  switch (status) {
    case ARES_SUCCESS: return NameFault::None;
    case ARES_ENOTFOUND: return NameFault::NoSuchName;
    case ARES_ENODATA: return NameFault::NoAddress;
    case ARES_ETIMEOUT: return NameFault::Timeout;
    case ARES_ECONNREFUSED: return NameFault::NoServer;
    case ARES_ENOMEM: return NameFault::NoResources;
    case ARES_EBADRESP:
    case ARES_EBADNAME:
    case ARES_EBADSTR: return NameFault::Malformed;
    default: return NameFault::ServerFailed;
  }
}

void take_ttl(std::optional<int>& least, int ttl) {
  least = std::min(least.value_or(std::numeric_limits<int>::max()), ttl);
}

// A ttl with the top bit set counts as 0 (RFC 2181, section 8).
Found read(const ares_addrinfo& info) {
  Found found;
  std::optional<int> ttl;
  for (const auto* alias = info.cnames; alias != nullptr; alias = alias->next) take_ttl(ttl, alias->ttl);
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    take_ttl(ttl, node->ai_ttl);
    if (const auto address = Address::from(node->ai_addr)) found.addresses.push_back(*address);
  }
  found.ttl = Seconds(std::max(ttl.value_or(0), 0));
  if (found.addresses.empty()) found.fault = NameFault::NoAddress;
  return found;
}

}  // namespace

AresDns::AresDns() = default;

Result<std::unique_ptr<AresDns>> AresDns::make() {
  std::unique_ptr<AresDns> made(new AresDns());
  ares_options options{};
  std::string lookups = "b";  // DNS alone: no file
  in_addr nobody{htonl(INADDR_LOOPBACK)};
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.lookups = lookups.data();
  options.servers = &nobody;
  options.nservers = 1;
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = made.get();
  const int status = ares_init_options(&made->channel_, &options,
                                       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                           ARES_OPT_SERVERS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE);
  if (status != ARES_SUCCESS) return fail(Code::System, std::string("c-ares: ") + ares_strerror(status));
  return made;
}

AresDns::~AresDns() {
  forgetting_ = true;
  if (channel_ != nullptr) ares_destroy(channel_);
}

void AresDns::attach(event::Loop& loop) {
  loop_ = &loop;
  timer_ = loop.timer([this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
}

void AresDns::use(const std::vector<conf::NameServer>& servers) {
  forgetting_ = true;
  ares_cancel(channel_);
  forgetting_ = false;
  asked_ = std::make_shared<const bool>(true);
  std::vector<ares_addr_port_node> nodes(servers.size());
  for (std::size_t i = 0; i < servers.size(); i++) {
    auto& node = nodes[i];
    node.next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
    node.family = servers[i].address.af();
    std::copy_n(servers[i].address.bytes.begin(), servers[i].address.size(),
                reinterpret_cast<std::uint8_t*>(&node.addr));
    node.udp_port = node.tcp_port = servers[i].port;
  }
  ares_set_servers_ports(channel_, nodes.empty() ? nullptr : nodes.data());
  arm();
}

void AresDns::ask(const std::string& name, Family family, Done done) {
  auto query = std::make_unique<Query>(Query{*this, std::move(done)});
  ares_addrinfo_hints hints{};
  hints.ai_family = family == Family::Inet ? AF_INET : AF_INET6;
  hints.ai_flags = ARES_AI_NOSORT;  // sorting would ask the kernel for the way to each address
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, on_answer, query.release());
  arm();
}

// May come out of ask() itself: then it is told later. Whoever is told may ask again, but not destroy us.
void AresDns::on_answer(void* argument, int status, int, ares_addrinfo* info) noexcept {
  const std::unique_ptr<Query> query(static_cast<Query*>(argument));
  AresDns& dns = query->dns;
  Found found =
      info != nullptr && status == ARES_SUCCESS ? read(*info) : Found{.fault = fault_of(status), .addresses = {}};
  if (info != nullptr) ares_freeaddrinfo(info);
  if (dns.forgetting_) return;
  dns.loop_->defer([alive = std::weak_ptr(dns.asked_), done = std::move(query->done), found = std::move(found)] {
    if (!alive.expired()) done(found);
  });
}

void AresDns::on_socket(void* self, ares_socket_t fd, int read, int write) noexcept {
  static_cast<AresDns*>(self)->watch(fd, {.read = read != 0, .write = write != 0});
}

void AresDns::watch(ares_socket_t fd, event::Ready ready) {
  if (loop_ == nullptr) return;
  auto& watcher = watchers_[fd];
  if (!ready.read && !ready.write) {  // it is about to be closed, perhaps in its own callback
    if (watcher) watcher->want({});
    loop_->defer([gone = std::shared_ptr(std::move(watcher))] {});
    watchers_.erase(fd);
    return;
  }
  if (!watcher)
    watcher = loop_->watch(fd, [this, fd](event::Ready what) {
      process(what.read ? fd : ARES_SOCKET_BAD, what.write ? fd : ARES_SOCKET_BAD);
    });
  watcher->want(ready);
}

void AresDns::process(ares_socket_t read, ares_socket_t write) {
  ares_process_fd(channel_, read, write);
  arm();
}

void AresDns::arm() {
  if (!timer_) return;
  timeval room{};
  const timeval* next = ares_timeout(channel_, nullptr, &room);
  if (next == nullptr) return timer_->cancel();
  timer_->after(std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec) + Milliseconds(1));
}

}  // namespace hcd::names
