// A DNS server on 127.0.0.1 for tests, in the test's own loop: UDP and TCP on one port, and a function for each that is given
// a query and says what is sent back, if anything. Also DNS messages as tests write them.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/fake/loopback_server.h"

namespace hcd::test {

inline std::string dns_word(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

// A record of the question's name, by a pointer to it.
inline std::string dns_record(unsigned type, const std::string& data, const std::string& name = "\xc0\x0c") {
  return name + dns_word(type) + dns_word(1) + dns_word(0) + dns_word(60) +
         dns_word(static_cast<unsigned>(data.size())) + data;
}

// The answer to a query: its id and question, `flags` and the records.
inline std::string dns_answer(const std::string& query, unsigned flags, const std::vector<std::string>& records = {}) {
  std::string out = query.substr(0, 2) + dns_word(flags) + query.substr(4, 2) +
                    dns_word(static_cast<unsigned>(records.size())) + std::string(4, '\0') + query.substr(12);
  for (const auto& record : records) out += record;
  return out;
}

inline constexpr unsigned kDnsAnswered = 0x8180, kDnsTruncated = 0x0200;

class DnsServer {
 public:
  using Udp = std::function<std::vector<std::string>(const std::string& query)>;
  using Tcp = std::function<std::string(const std::string& query)>;  // "": closes the connection

  struct Seen {
    std::string query;
    std::uint16_t port = 0;  // of the client
  };

  DnsServer(event::Loop& loop, Udp udp, Tcp tcp = {})
      : udp_(std::move(udp)), tcp_server_(loop, [tcp = std::move(tcp)](int fd, const std::string& got) {
          if (!tcp) return false;
          if (got.size() < 2) return true;
          const std::string answer = tcp(got.substr(2));
          return send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
        }) {
    socket_.reset(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port()), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    bound = bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    watcher_ = loop.watch(socket_.get(), [this](event::Ready) { on_datagram(); });
    watcher_->want({.read = true});
  }

  [[nodiscard]] std::uint16_t port() const { return tcp_server_.port(); }
  [[nodiscard]] int connections() const { return tcp_server_.accepted(); }
  bool bound = false;
  std::vector<Seen> seen;

 private:
  void on_datagram() {
    char bytes[1024];
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t count = recvfrom(socket_.get(), bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0) return;
    const std::string query(bytes, static_cast<std::size_t>(count));
    seen.push_back({query, ntohs(from.sin_port)});
    for (const auto& answer : udp_(query))
      sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }

  Udp udp_;
  LoopbackServer tcp_server_;
  UniqueFd socket_;
  std::unique_ptr<event::Watcher> watcher_;
};

}  // namespace hcd::test
