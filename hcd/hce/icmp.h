// The icmp check: an echo request to each host through one raw socket a family, shared by all.
//
// Whoever can reach this machine can send it echo replies. One counts only when it comes from the host's address and
// brings back that check's 64 random bits; anything else is dropped without a trace.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "hcd/event/loop.h"
#include "hcd/hce/hce.h"
#include "hcd/hce/kind.h"
#include "hcd/hce/probe.h"

namespace hcd::hce {

class IcmpProbe;

class IcmpPool {
 public:
  IcmpPool(event::Loop& loop, IcmpSockets sockets, std::function<void(Probe&)> ready);

  [[nodiscard]] std::unique_ptr<Probe> make();
  // 0, or an errno. The probe's cookie is drawn anew.
  [[nodiscard]] int send(IcmpProbe& probe, const Address& to);

 private:
  [[nodiscard]] int socket_for(const Address& address) const;
  void receive(int socket, Family family);
  void accept(std::string_view icmp, const Address& from);
  std::uint64_t draw();

  IcmpSockets sockets_;
  std::function<void(Probe&)> ready_;
  std::unique_ptr<event::Watcher> watch4_, watch6_;
  std::vector<IcmpProbe*> probes_;  // by their index
  std::array<std::uint64_t, 64> random_{};
  std::size_t random_left_ = 0;
  const std::uint16_t id_;  // after what draws it
};

class IcmpProbe final : public Probe {
 public:
  IcmpProbe(IcmpPool& pool, std::uint32_t index) : pool_(pool), index_(index) {}

  [[nodiscard]] Step start(const Address& address, const Plan& plan) override;
  [[nodiscard]] Step ready() override { return done(passed(ipc::Reason::IcmpOk)); }
  [[nodiscard]] Verdict timed_out() const override { return failed(ipc::Reason::IcmpReadTimeout); }
  void reset() override { waiting_for_ = nullptr; }
  [[nodiscard]] int fd() const override { return -1; }

 private:
  friend IcmpPool;
  IcmpPool& pool_;
  const std::uint32_t index_;
  std::uint64_t cookie_ = 0;
  const Address* waiting_for_ = nullptr;  // none: no answer is awaited
};

[[nodiscard]] std::unique_ptr<Probe> make_icmp(Env& env);

}  // namespace hcd::hce
