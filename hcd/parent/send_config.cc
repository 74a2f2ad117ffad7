#include "hcd/parent/send_config.h"

#include "hcd/ipc/messages.h"

namespace hcd::parent {
namespace {

constexpr std::size_t kPayloadMax = ipc::kFrameMax - sizeof(ipc::FrameHeader);

ipc::Frame frame(ipc::Type type, std::string payload) {
  return {.type = static_cast<std::uint32_t>(type), .payload = std::move(payload)};
}

Status add(std::vector<ipc::Frame>& frames, ipc::Type type, const std::string& what, std::string payload) {
  if (payload.size() > kPayloadMax)
    return fail(Code::Limit, what + " takes " + std::to_string(payload.size()) + " bytes, more than a message holds");
  frames.push_back(frame(type, std::move(payload)));
  return {};
}

Status add_authorities(std::vector<ipc::Frame>& frames, const conf::Authorities& from) {
  constexpr std::size_t kPiece = 32768;
  for (std::size_t at = 0; at < from.pem.size(); at += kPiece)
    if (auto done = add(frames, ipc::Type::ConfigAuthorities, "ca " + from.path,
                        ipc::encode(ipc::ConfigAuthorities{.path = from.path, .pem = from.pem.substr(at, kPiece)}));
        !done)
      return done;
  return {};
}

// The table in as many messages as its hosts need: each is the whole table with a part of the hosts.
Status add_table(std::vector<ipc::Frame>& frames, const conf::Table& table) {
  conf::Table part = table;
  part.hosts.clear();
  const std::size_t empty = ipc::encode(part).size();
  std::size_t size = empty;
  const auto flush = [&]() -> Status {
    auto done = add(frames, ipc::Type::ConfigTable, "table " + table.name, ipc::encode(part));
    part.hosts.clear();
    size = empty;
    return done;
  };
  for (const auto& host : table.hosts) {
    const std::size_t more = ipc::encode(host).size();
    if (!part.hosts.empty() && size + more > kPayloadMax)
      if (auto done = flush(); !done) return done;
    part.hosts.push_back(host);
    size += more;
  }
  return flush();
}

}  // namespace

Result<std::vector<ipc::Frame>> config_frames(const proc::RoleInfo& role, const conf::Config& config,
                                              const Version& version) {
  std::vector<ipc::Frame> frames;
  frames.push_back(
      frame(ipc::Type::ConfigBegin, ipc::encode(ipc::ConfigBegin{.generation = version.generation,
                                                                 .log_checks = static_cast<std::uint8_t>(version.log),
                                                                 .anchor = version.anchor,
                                                                 .script_limit = version.script_limit})));
  if (!role.services)  // hce's alone
    for (const auto& authorities : config.authorities)
      if (auto done = add_authorities(frames, authorities); !done) return std::unexpected(done.error());
  for (const auto& table : config.tables)
    if (auto done = add_table(frames, table); !done) return std::unexpected(done.error());
  if (role.services)
    for (const auto& service : config.services)
      if (auto done = add(frames, ipc::Type::ConfigService, "service " + service.name, ipc::encode(service)); !done)
        return std::unexpected(done.error());
  frames.push_back(frame(ipc::Type::ConfigEnd, ipc::encode(ipc::ConfigEnd{version.generation})));
  return frames;
}

void send(ipc::Channel& channel, const std::vector<ipc::Frame>& frames) {
  for (const auto& frame : frames) channel.send(frame.type, frame.id, frame.payload);
}

}  // namespace hcd::parent
