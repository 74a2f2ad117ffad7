// The process `pfctl`: runs the one program that the parent has named, for pfe, which may run nothing. What pfe asks for is
// looked at first (fastpath/pf/allowed.h), so that a pfe that has been taken over can do no more than steer the sessions of
// its own anchors. A run blocks this process, which has nothing else to do.
#pragma once
#include <functional>
#include <memory>

#include "fastpath/pf/pfctl.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/channel.h"
#include "hcd/ipc/pfctl_messages.h"

namespace hcd::pfctl {

class Server {
 public:
  static constexpr std::size_t kInputMax = 16U << 20, kArgumentsMax = 16;

  struct Outlet {
    std::function<std::unique_ptr<fastpath::pf::Pfctl>(const std::string& path)> make;
    std::function<void(const ipc::Accuse&)> accuse;
  };
  Server(event::Loop& loop, Outlet outlet) : loop_(loop), outlet_(std::move(outlet)) {}

  // PfctlBegin, for each pfe that is started anew. An error: the parent lies.
  [[nodiscard]] Status on_parent(ipc::Message message);

 private:
  void on_pfe(const ipc::Message& message);
  [[nodiscard]] Status on_text(const ipc::Frame& frame);
  [[nodiscard]] Status on_run(const ipc::Frame& frame);
  void answer(std::uint32_t id, const Result<fastpath::pf::PfctlOutput>& output);
  void drop();

  event::Loop& loop_;
  Outlet outlet_;
  std::string anchor_, input_;
  std::unique_ptr<fastpath::pf::Pfctl> pfctl_;
  std::unique_ptr<ipc::Channel> pfe_;
};

}  // namespace hcd::pfctl
