#include "tools/bench/inject/plan.h"

#include <cstring>
#include <span>

#include <getopt.h>
#include <netinet/in.h>

#include "fastpath/base/address.h"
#include "fastpath/base/text.h"

namespace hcd::bench {
namespace {

Status read_target(const std::string& text, Plan& plan) {
  const auto colon = text.rfind(':');
  const auto address = Address::parse(text.substr(0, colon));
  const auto port = colon == text.npos ? std::nullopt : parse_number<std::uint16_t>(text.substr(colon + 1), 1, 65535);
  if (!address || address->family != Family::Inet || !port)
    return fail(Code::Invalid, "--to takes an IPv4 address:port, not " + text);
  std::memcpy(&plan.to, address->bytes.data(), sizeof plan.to);
  plan.port = *port;
  return {};
}

Status read_count(const std::string& text, std::uint32_t& out) {
  const auto value = parse_number<std::uint32_t>(text, 0, 100'000'000);
  if (!value) return fail(Code::Invalid, text + " is not a number of 0 to 100000000");
  out = *value;
  return {};
}

Status read_option(int option, const std::string& value, Plan& plan) {
  switch (option) {
    case 'l': plan.lab = value; return {};
    case 't': return read_target(value, plan);
    case 's': return read_count(value, plan.servers);
    case 'b': plan.source = Source::Buffers; return {};
    case 'k': plan.director = Director::Sink; return {};
    case 'o': plan.director = Director::Bounce; return {};
    case 'n': plan.kind = Flows::New; return {};
    case 'x': plan.receive_frames = true; return {};
    case 'f': return read_count(value, plan.flows);
    case 'p': return read_count(value, plan.packets);
    case 'i': return read_count(value, plan.first);
    default: return fail(Code::Invalid, "unknown option");
  }
}

// The sum of what is covered by a checksum, in network order as stored; to be folded and complemented.
std::uint32_t sum_words(const void* bytes, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    std::uint16_t word = 0;
    std::memcpy(&word, static_cast<const char*>(bytes) + i, sizeof word);
    sum += word;
  }
  return sum;
}

}  // namespace

Result<Plan> read_plan(int argc, char** argv) {
  static const option kOptions[] = {{"lab", 1, nullptr, 'l'},     {"to", 1, nullptr, 't'},
                                    {"servers", 1, nullptr, 's'}, {"buffers", 0, nullptr, 'b'},
                                    {"sink", 0, nullptr, 'k'},    {"bounce", 0, nullptr, 'o'},
                                    {"new", 0, nullptr, 'n'},     {"receive-frames", 0, nullptr, 'x'},
                                    {"flows", 1, nullptr, 'f'},   {"packets", 1, nullptr, 'p'},
                                    {"first", 1, nullptr, 'i'},   {nullptr, 0, nullptr, 0}};
  Plan plan;
  for (int option = 0; (option = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;)
    if (const auto read = read_option(option, optarg ? optarg : "", plan); !read) return std::unexpected(read.error());
  if (optind != argc || plan.to == 0 || plan.flows == 0 || plan.packets == 0)
    return fail(Code::Invalid,
                "usage: inject --lab PREFIX --to ADDRESS:PORT [--buffers] [--new] [--receive-frames] [--sink|--bounce] "
                "[--servers N] [--flows N] [--packets N] [--first N]");
  return plan;
}

inject_template make_template(const Plan& plan, const Link& from, const Link& next, bool syn) {
  inject_template like{};
  inject_frame& frame = like.frame;
  std::memcpy(frame.ether.h_dest, next.mac.data(), next.mac.size());
  std::memcpy(frame.ether.h_source, from.mac.data(), from.mac.size());
  frame.ether.h_proto = htons(ETH_P_IP);
  frame.ip.version = 4;
  frame.ip.ihl = 5;
  frame.ip.tot_len = htons(sizeof frame.ip + sizeof frame.tcp);
  frame.ip.frag_off = htons(0x4000);  // do not fragment
  frame.ip.ttl = 64;
  frame.ip.protocol = IPPROTO_TCP;
  frame.ip.daddr = plan.to;
  frame.tcp.dest = htons(plan.port);
  frame.tcp.seq = htonl(syn ? 1 : 2);
  frame.tcp.ack_seq = htonl(syn ? 0 : 1);  // the responder's first number is its copy of ours, 1, less the SYN's own
  frame.tcp.doff = 5;
  frame.tcp.syn = syn;
  frame.tcp.ack = !syn;
  frame.tcp.window = htons(65535);
  like.ip_sum = sum_words(&frame.ip, sizeof frame.ip);
  like.tcp_sum = sum_words(&frame.tcp, sizeof frame.tcp) + sum_words(&frame.ip.daddr, 4) + htons(IPPROTO_TCP) +
                 htons(sizeof frame.tcp);
  return like;
}

}  // namespace hcd::bench
