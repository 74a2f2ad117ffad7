// A configuration as the messages that a child gets of it: only the parts that its role may see.
#pragma once
#include "hcd/conf/config.h"
#include "hcd/ipc/channel.h"
#include "hcd/proc/role.h"

namespace hcd::parent {

struct Version {
  std::uint32_t generation = 0;
  conf::LogChecks log = conf::LogChecks::Off;
  std::string anchor;
  unsigned script_limit = 0;
};

// Frames in the order in which they must be sent, each within ipc::kFrameMax. Limit: a single object does not fit one.
[[nodiscard]] Result<std::vector<ipc::Frame>> config_frames(const proc::RoleInfo& role, const conf::Config& config,
                                                            const Version& version);

void send(ipc::Channel& channel, const std::vector<ipc::Frame>& frames);

}  // namespace hcd::parent
