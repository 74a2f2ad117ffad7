// The hosts under check, by id, and how they change: a configuration that is collected frame by frame and then taken
// into use in one step, an operator's switches, and the states a restarted engine is given back.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hcd/conf/config.h"
#include "hcd/hce/runner.h"
#include "hcd/hce/subject.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

class Roster {
 public:
  explicit Roster(Runner& runner) : runner_(runner) {}

  // One after the other; errors are the parent's.
  [[nodiscard]] Status begin(std::uint32_t generation);
  [[nodiscard]] Status add(const ipc::ConfigAuthorities& piece);
  [[nodiscard]] Status add(conf::Table table);
  [[nodiscard]] Status commit(std::uint32_t generation);

  void toggle(const ipc::HostSwitch& change);
  void restore(const ipc::HostSync& last);  // may come before the configuration that names the host

  [[nodiscard]] Subject* find(conf::Id id);
  [[nodiscard]] std::uint32_t generation() const { return generation_; }
  template <class Visit>
  void each(Visit&& visit) {
    for (auto& [id, subject] : subjects_) visit(subject);
  }

 private:
  struct Pending {
    std::uint32_t generation = 0;
    std::vector<conf::Table> tables;
    std::map<std::string, std::string> authorities;  // by path: their text
    std::size_t authorities_size = 0;
    std::unordered_map<conf::Id, std::size_t> by_id;
  };
  using Plans = std::unordered_map<conf::Id, std::unique_ptr<const Plan>>;             // by table
  using Authorities = std::map<std::string, std::shared_ptr<const tls::Authorities>>;  // by path

  [[nodiscard]] Result<Authorities> authorities_of(const Pending& pending) const;
  [[nodiscard]] static Status judge(const Pending& pending);
  void watch(Subject& subject);
  void take(const conf::Host& host, bool table_disabled, const Plan& plan);
  void enroll(const conf::Host& host, bool enabled, const Plan& plan);
  void update(Subject& subject, const conf::Host& host, bool enabled, const Plan& plan);
  void enable(Subject& subject, bool enabled);
  void drop_unnamed();
  void link();

  Runner& runner_;
  std::uint32_t generation_ = 0;
  std::unique_ptr<Pending> pending_;
  Authorities authorities_;
  Plans plans_;
  std::unordered_map<conf::Id, Subject> subjects_;     // which do not move
  std::unordered_map<conf::Id, ipc::HostSync> early_;  // of hosts that no configuration has named yet
};

}  // namespace hcd::hce
