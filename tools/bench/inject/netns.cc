#include "tools/bench/inject/netns.h"

#include <algorithm>

#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace hcd::bench {

Result<Inside> Inside::enter(const std::string& netns) {
  UniqueFd back(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const UniqueFd there(open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC));
  if (!there) return fail_errno("namespace " + netns);
  if (setns(there.get(), CLONE_NEWNET) != 0) return fail_errno("enter namespace " + netns);
  return Inside(std::move(back));
}

Inside::~Inside() {
  if (back_ && setns(back_.get(), CLONE_NEWNET) != 0) std::abort();  // every later step would act in the wrong place
}

Result<Link> find_link(const std::string& netns, const std::string& interface) {
  const auto inside = Inside::enter(netns);
  if (!inside) return std::unexpected(inside.error());
  const UniqueFd socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  Link link;
  if (ioctl(socket_fd.get(), SIOCGIFINDEX, &request) != 0) return fail_errno(netns + ": interface " + interface);
  link.ifindex = request.ifr_ifindex;
  if (ioctl(socket_fd.get(), SIOCGIFHWADDR, &request) != 0) return fail_errno(netns + ": address of " + interface);
  std::copy_n(request.ifr_hwaddr.sa_data, link.mac.size(), link.mac.begin());
  return link;
}

Status forget_connections(const std::string& netns) {
  const auto inside = Inside::enter(netns);
  if (!inside) return std::unexpected(inside.error());
  const UniqueFd socket_fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!socket_fd) return {};
  struct {
    nlmsghdr header;
    nfgenmsg family;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.family.nfgen_family = AF_INET;
  if (send(socket_fd.get(), &request, sizeof request, 0) < 0) return fail_errno("empty conntrack of " + netns);
  char reply[256];
  if (recv(socket_fd.get(), reply, sizeof reply, 0) < 0) return fail_errno("empty conntrack of " + netns);
  return {};
}

}  // namespace hcd::bench
