#include "hcd/parent/pfctl_way.h"

#include "fastpath/base/text.h"
#include "hcd/ipc/messages.h"

namespace hcd::parent {

Status PfctlWay::begin(std::vector<UniqueFd>& for_pfe) {
  if (!needed()) return {};
  auto pair = ipc::socket_pair();
  if (!pair) return std::unexpected(pair.error());
  for_pfe.push_back(std::move(pair->first));
  end_ = std::move(pair->second);
  on_ready();
  return {};
}

void PfctlWay::on_ready() {
  auto* channel = outlet_.channel();
  if (channel == nullptr || !end_) return;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(end_));
  channel->send(*datapath_.pfctl(), 0, std::move(fds));
}

Status PfctlWay::on_message(const ipc::Frame& frame) const {
  const auto accuse = ipc::decode<ipc::Accuse>(frame.payload);
  if (frame.type != static_cast<std::uint32_t>(ipc::Type::Accuse) || !accuse)
    return fail(Code::Protocol, "a message of type " + std::to_string(frame.type) + " that is not its to send");
  outlet_.end_pfe("it asked pfctl for what is not its to ask: " + printable(accuse->why));
  return {};
}

}  // namespace hcd::parent
