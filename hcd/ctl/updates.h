// What a subscription brings, as values: read from the daemon's frames by every client, and written again by who keeps a
// stream to read it later.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "hcd/ctl/protocol.h"
#include "hcd/ipc/codec.h"

namespace hcd::ctl {

using Update = std::variant<Begin, Rows, Gone, End, Event, Numbers, Vitals, Beats, Evidence, Durations>;

template <class T>
[[nodiscard]] bool is(const ipc::Frame& frame) {
  return frame.type == static_cast<std::uint32_t>(T::kType);
}
template <class T>  // nothing for a frame of another type, and for one that does not decode
[[nodiscard]] std::optional<T> read(const ipc::Frame& frame) {
  return is<T>(frame) ? ipc::decode<T>(frame.payload) : std::nullopt;
}

[[nodiscard]] std::optional<Update> update_of(const ipc::Frame& frame);
[[nodiscard]] std::string frame_of(const Update& update);  // header and payload, under number 0

// "the daemon sent a message of type 9 and 3 bytes that is not understood"
[[nodiscard]] std::unexpected<Error> not_understood(const ipc::Frame& frame);

}  // namespace hcd::ctl
