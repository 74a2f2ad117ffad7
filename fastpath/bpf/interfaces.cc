#include "fastpath/bpf/interfaces.h"

#include <array>
#include <cstring>
#include <functional>
#include <map>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/genetlink.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::fastpath {
namespace {

// linux/netdev.h, which Debian 12's headers lack.
enum NetdevFamily : std::uint16_t { kDevGet = 1, kDevIfindex = 1, kDevXdpFeatures = 3 };
enum XdpFeature : std::uint64_t { kBasic = 1, kRedirect = 2, kNdoXmit = 4 };

using Socket = CPtr<mnl_socket, mnl_socket_close>;
using Visit = std::function<void(const nlmsghdr*)>;

struct Buffer {
  std::array<char, 1 << 16> bytes{};
  nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
};

Result<Socket> open_socket(int bus) {
  Socket socket(mnl_socket_open(bus));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return fail_errno("netlink");
  return socket;
}

Status ask(mnl_socket* socket, Buffer& buffer, const Visit& visit) {
  const auto call = [](const nlmsghdr* message, void* visitor) {
    (*static_cast<const Visit*>(visitor))(message);
    return MNL_CB_OK;
  };
  if (mnl_socket_sendto(socket, buffer.message, buffer.message->nlmsg_len) < 0) return fail_errno("netlink");
  int more = MNL_CB_OK;
  while (more > MNL_CB_STOP) {
    const ssize_t length = mnl_socket_recvfrom(socket, buffer.bytes.data(), buffer.bytes.size());
    if (length < 0) return fail_errno("netlink");
    Visit copy = visit;
    more = mnl_cb_run(buffer.bytes.data(), static_cast<std::size_t>(length), 0, mnl_socket_get_portid(socket), call,
                      &copy);
  }
  if (more < 0) return fail_errno("netlink");
  return {};
}

void each_attribute(const void* payload, std::size_t length, const std::function<void(const nlattr*)>& visit) {
  const auto call = [](const nlattr* attribute, void* visitor) {
    (*static_cast<const std::function<void(const nlattr*)>*>(visitor))(attribute);
    return MNL_CB_OK;
  };
  auto copy = visit;
  mnl_attr_parse_payload(payload, length, call, &copy);
}

std::string text_of(const nlattr* attribute) {
  return mnl_attr_validate(attribute, MNL_TYPE_STRING) < 0
             ? std::string()
             : std::string(mnl_attr_get_str(attribute),
                           strnlen(mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute)));
}

std::uint64_t number_of(const nlattr* attribute) {
  switch (mnl_attr_get_payload_len(attribute)) {
    case sizeof(std::uint16_t): return mnl_attr_get_u16(attribute);
    case sizeof(std::uint32_t): return mnl_attr_get_u32(attribute);
    case sizeof(std::uint64_t): return mnl_attr_get_u64(attribute);
    default: return 0;
  }
}

Interface interface_of(const nlmsghdr* message) {
  constexpr int kParentDevName = 56;  // IFLA_PARENT_DEV_NAME
  const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  Interface out{.index = static_cast<std::uint32_t>(link->ifi_index), .up = (link->ifi_flags & IFF_UP) != 0};
  std::uint32_t beneath = 0;
  out.ethernet = link->ifi_type == ARPHRD_ETHER;
  const auto* first = static_cast<const char*>(mnl_nlmsg_get_payload_offset(message, sizeof *link));
  const std::size_t length = mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(sizeof *link);
  each_attribute(first, length, [&](const nlattr* attribute) {
    switch (mnl_attr_get_type(attribute)) {
      case IFLA_IFNAME: out.name = text_of(attribute); break;
      case IFLA_MTU: out.mtu = static_cast<std::uint32_t>(number_of(attribute)); break;
      case kParentDevName: out.parent = text_of(attribute); break;
      case IFLA_LINK: beneath = static_cast<std::uint32_t>(number_of(attribute)); break;
      case IFLA_LINKINFO:
        each_attribute(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute), [&](const nlattr* info) {
          if (mnl_attr_get_type(info) == IFLA_INFO_KIND) out.kind = text_of(info);
        });
        break;
      default: break;
    }
  });
  if (out.kind == "vlan") out.lower = beneath;
  return out;
}

Status read_links(std::map<std::uint32_t, Interface>& out) {
  const auto socket = open_socket(NETLINK_ROUTE);
  if (!socket) return std::unexpected(socket.error());
  Buffer buffer;
  buffer.message->nlmsg_type = RTM_GETLINK;
  buffer.message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(buffer.message, sizeof(ifinfomsg)))->ifi_family = AF_UNSPEC;
  return ask(socket->get(), buffer, [&](const nlmsghdr* message) {
    if (mnl_nlmsg_get_payload_len(message) < sizeof(ifinfomsg)) return;
    Interface one = interface_of(message);
    out[one.index] = std::move(one);
  });
}

genlmsghdr* put_genl(Buffer& buffer, std::uint16_t family, std::uint8_t command, std::uint16_t flags) {
  buffer.message->nlmsg_type = family;
  buffer.message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  auto* header = static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(buffer.message, sizeof(genlmsghdr)));
  header->cmd = command;
  header->version = 1;
  return header;
}

void each_genl_attribute(const nlmsghdr* message, const std::function<void(const nlattr*)>& visit) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(genlmsghdr)) return;
  each_attribute(mnl_nlmsg_get_payload_offset(message, sizeof(genlmsghdr)),
                 mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(sizeof(genlmsghdr)), visit);
}

// Kernels before 6.3 do not tell; then nothing is known to take XDP's frames, and tc serves all.
Status read_xdp_features(std::map<std::uint32_t, Interface>& out) {
  const auto socket = open_socket(NETLINK_GENERIC);
  if (!socket) return std::unexpected(socket.error());
  std::uint16_t family = 0;
  Buffer name;
  put_genl(name, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
  mnl_attr_put_strz(name.message, CTRL_ATTR_FAMILY_NAME, "netdev");
  const auto asked = ask(socket->get(), name, [&](const nlmsghdr* message) {
    each_genl_attribute(message, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
        family = static_cast<std::uint16_t>(number_of(attribute));
    });
  });
  if (!asked || family == 0) return {};
  Buffer devices;
  put_genl(devices, family, kDevGet, NLM_F_DUMP);
  return ask(socket->get(), devices, [&](const nlmsghdr* message) {
    std::uint64_t index = 0, features = 0;
    each_genl_attribute(message, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == kDevIfindex) index = number_of(attribute);
      if (mnl_attr_get_type(attribute) == kDevXdpFeatures) features = number_of(attribute);
    });
    const auto one = out.find(static_cast<std::uint32_t>(index));
    if (one == out.end()) return;
    one->second.xdp_native = (features & (kBasic | kRedirect)) == (kBasic | kRedirect);
    one->second.xdp_target = (features & kNdoXmit) != 0;
  });
}

}  // namespace

Result<std::vector<Interface>> list_interfaces() {
  std::map<std::uint32_t, Interface> found;
  if (const auto read = read_links(found); !read) return std::unexpected(read.error().in("interfaces"));
  if (const auto read = read_xdp_features(found); !read) return std::unexpected(read.error().in("XDP features"));
  std::vector<Interface> out;
  out.reserve(found.size());
  for (auto& [index, one] : found) out.push_back(std::move(one));
  return out;
}

Result<bool> policy_routing() {
  constexpr std::uint64_t kLocal = 0, kMain = 32766, kDefault = 32767;
  bool found = false;
  for (const int family : {AF_INET, AF_INET6}) {
    const auto socket = open_socket(NETLINK_ROUTE);
    if (!socket) return std::unexpected(socket.error());
    Buffer buffer;
    buffer.message->nlmsg_type = RTM_GETRULE;
    buffer.message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(buffer.message, sizeof(fib_rule_hdr)))->family =
        static_cast<unsigned char>(family);
    const auto asked = ask(socket->get(), buffer, [&](const nlmsghdr* message) {
      if (mnl_nlmsg_get_payload_len(message) < sizeof(fib_rule_hdr)) return;
      std::uint64_t priority = 0;
      each_attribute(mnl_nlmsg_get_payload_offset(message, sizeof(fib_rule_hdr)),
                     mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(sizeof(fib_rule_hdr)),
                     [&](const nlattr* attribute) {
                       if (mnl_attr_get_type(attribute) == FRA_PRIORITY) priority = number_of(attribute);
                     });
      if (priority != kLocal && priority != kMain && priority != kDefault) found = true;
    });
    // A kernel without policy routing does not know the question.
    if (!asked && asked.error().sys != EOPNOTSUPP) return fail_in("routing rules", asked.error());
  }
  return found;
}

}  // namespace hcd::fastpath
