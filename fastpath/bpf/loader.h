// The privileged half of the Linux engine: makes or adopts the pinned maps, loads the packet programs over them and attaches
// them. It never logs: notes() are lines for whoever calls to log. May be called again at each reload, or by another
// process after a crash; packets are served all the while.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "fastpath/bpf/interfaces.h"
#include "fastpath/bpf/map_fds.h"
#include "fastpath/bpf/maps.h"
#include "fastpath/bpf/programs.h"
#include "fastpath/bpf/route_watch.h"
#include "fastpath/bpf/sizes.h"
#include "fastpath/guard.h"

namespace hcd::fastpath {

enum class AttachMode : unsigned char {
  Auto,  // XDP where the driver of real hardware runs it natively, tc elsewhere
  Xdp,   // XDP everywhere, natively or not; tc behind it
  Tc,
};

struct LoaderOptions {
  std::string pin_directory = kPinDirectory;
  AttachMode mode = AttachMode::Auto;
  std::vector<std::string> interfaces;  // none: every one that is up and has Ethernet frames
  Sizes sizes;
};

class Loader {
 public:
  explicit Loader(LoaderOptions options) : options_(std::move(options)) {}

  void set_options(LoaderOptions options) { options_ = std::move(options); }
  [[nodiscard]] const Sizes& sizes() const { return options_.sizes; }
  [[nodiscard]] Status load();    // maps and programs
  [[nodiscard]] Status attach();  // after load()
  // What the packet path must know of the interfaces, which changes with their peers and their MTU: attach() does it too.
  [[nodiscard]] Status describe_links();
  // Who keeps the next hops current; after load(). As long as its keep() is not called they are remembered for a tick only.
  [[nodiscard]] RouteWatch& routes() { return *watch_; }

  [[nodiscard]] Result<MapFds> maps() const;      // descriptors of the caller's own
  [[nodiscard]] Status set_daemon(pid_t parent);  // 0: none
  [[nodiscard]] Status set_guard(const Guard& guard);
  [[nodiscard]] const std::string& how() const { return how_; }  // "tc", "xdp", "xdp and tc"; for the engine's name
  [[nodiscard]] std::vector<std::string> notes() { return std::exchange(notes_, {}); }

  // Removes links, programs and maps: packets are no longer redirected, and all states are lost.
  [[nodiscard]] static Status unload(const std::string& pin_directory);

 private:
  [[nodiscard]] Result<MapFds> adopt();
  [[nodiscard]] Status with_maps(const std::function<void(const Views&)>& change) const;
  [[nodiscard]] Result<abi::hcd_globals> new_globals() const;
  [[nodiscard]] Status look_at_routes(const abi::hcd_globals& globals);
  [[nodiscard]] Status pin(bool with_maps);
  [[nodiscard]] Result<std::vector<Interface>> wanted(const std::vector<Interface>& all);
  [[nodiscard]] Status attach_one(const Interface& interface, bool& xdp);
  void note(std::string line) { notes_.push_back(std::move(line)); }

  LoaderOptions options_;
  std::unique_ptr<Programs> programs_;  // once loaded
  std::unique_ptr<RouteWatch> watch_;
  std::vector<abi::hcd_link> links_;  // as they were described last
  std::string how_;
  std::vector<std::string> notes_;
};

}  // namespace hcd::fastpath
