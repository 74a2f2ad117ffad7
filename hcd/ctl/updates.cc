#include "hcd/ctl/updates.h"

#include <type_traits>

namespace hcd::ctl {
namespace {

template <class... Ts>
std::optional<Update> any_of(const ipc::Frame& frame, std::type_identity<std::variant<Ts...>>) {
  std::optional<Update> out;
  const auto take = [&]<class T>(std::type_identity<T>) {
    if (auto message = read<T>(frame)) out = std::move(*message);
  };
  (take(std::type_identity<Ts>()), ...);
  return out;
}

}  // namespace

std::optional<Update> update_of(const ipc::Frame& frame) {
  return any_of(frame, std::type_identity<Update>());
}

std::string frame_of(const Update& update) {
  return std::visit(
      []<class T>(const T& message) {
        return ipc::encode_frame(static_cast<std::uint32_t>(T::kType), 0, 0, ipc::encode(message));
      },
      update);
}

std::unexpected<Error> not_understood(const ipc::Frame& frame) {
  return fail(Code::Protocol, "the daemon sent a message of type " + std::to_string(frame.type) + " and " +
                                  std::to_string(frame.payload.size()) + " bytes that is not understood");
}

}  // namespace hcd::ctl
