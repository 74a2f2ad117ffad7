// Hosts by name, as the parent keeps them: which names the configuration in force has, what was last answered for each,
// and what is said of it. The answers come from the process `names`, which reads what strangers send: they are judged here
// again, as far as that can be. A look-up that fails takes nothing away.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "fastpath/base/source.h"
#include "hcd/conf/name_messages.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/channel.h"

namespace hcd::parent {

class Names {
 public:
  struct Outlet {
    std::function<void(bool needed)> need;   // the process that looks names up
    std::function<ipc::Channel*()> channel;  // to it; null while it is not ready
    std::function<void()> changed;           // answers, some time ago
    std::function<void(const conf::NameState&)> state;
  };
  // Between the first change of an answer and `changed`: many come together.
  static constexpr Milliseconds kGather{100};
  static constexpr Seconds kRest{1};  // and no sooner after the last time than this

  Names(event::Loop& loop, const Files& files, Outlet outlet);

  void prepare(const conf::Config& written);  // reads the system's file of hosts for it, if it is to be read
  void want(const conf::Config& written);     // it is in force: its names are asked for, all others forgotten
  void on_ready();                            // the process, which knows nothing yet
  [[nodiscard]] Status on_answer(const conf::NameAnswer& answer);  // an error: it lies

  [[nodiscard]] const conf::Answers& answers() const { return answers_; }
  [[nodiscard]] std::vector<conf::NameState> states() const;

 private:
  struct Side {  // a family
    bool wanted = false;
    conf::NameFault fault = conf::NameFault::NotAsked;
    std::uint32_t refused = 0;
    std::vector<Address> addresses;  // the last ones
  };
  struct Name {
    Side inet, inet6;
    conf::NameState said;
  };

  void settle(const std::string& text, Name& name);
  void say(const std::string& text, Name& name);
  void gather();

  event::Loop& loop_;
  const Files& files_;
  Outlet outlet_;
  conf::NamesBegin how_;
  std::map<std::string, Name, std::less<>> names_;  // that are asked for
  std::optional<conf::Answers> hosts_;              // the system's file, from prepare() to want()
  conf::Answers answers_;                           // of those, and from the system's file
  TimePoint rest_until_;
  std::unique_ptr<event::Timer> gather_;
};

}  // namespace hcd::parent
