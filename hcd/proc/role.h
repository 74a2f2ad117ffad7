// The process map, as data: who there is, as whom each runs, which configuration it is sent, to whom it speaks and which
// system calls it keeps. What a role does is its own room's business; main.cc binds roles to entries.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace hcd::proc {

enum class Role : std::uint8_t { Parent, Hce, Pfe, Names, Pfctl, Metrics };
constexpr Role last_of(Role) {
  return Role::Metrics;
}

// The one descriptor a child finds open besides the standard three: its channel to the parent.
inline constexpr int kChannelFd = 3;

struct SocketKind {
  int family, type;  // socket(2); type without its flags
};

struct RoleInfo {
  Role role;
  std::string_view name;                // in the log, in ps and for -P
  std::string_view user;                // empty: stays what it is
  bool always;                          // else it is there only while something needs it
  bool tables;                          // told of them, and of
  bool services;                        // services
  std::string_view calls;               // beside those that every child needs (filter.cc)
  std::span<const SocketKind> sockets;  // that it may make
  bool socket_fails = false;   // to make another fails, for a library tries and does without; else it is the end
  unsigned descriptors = 0;    // at most; 0: as many as the administrator lets it have
  bool bpf_elements;           // bpf(2) on the elements of maps whose descriptors it holds
  bool runs_programs = false;  // not ours, which need files and root's name: what else root can do it gives up
};

[[nodiscard]] const RoleInfo& info(Role role);
[[nodiscard]] std::optional<Role> role_named(std::string_view name);
[[nodiscard]] std::span<const RoleInfo> children();
// Who has a channel to whom, besides everyone's to the parent.
[[nodiscard]] std::span<const std::pair<Role, Role>> links();

}  // namespace hcd::proc
