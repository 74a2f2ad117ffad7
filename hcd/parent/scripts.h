// Runs the scripts of checks for hce, which names a host and no more: script, arguments and time are those of the
// configuration in force. A run is answered once, when its script has ended, be it killed because its time was up or
// because hce stopped it: until then it counts, so that an answer is a free place, and never more than the limit are there.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "hcd/conf/config.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/messages.h"
#include "hcd/proc/launch.h"

namespace hcd::parent {

inline constexpr std::string_view kScriptUser = "_hcd-script";
[[nodiscard]] bool has_scripts(const conf::Config& config);

// The operating system's part, which a test replaces.
class Launcher {
 public:
  virtual ~Launcher() = default;
  virtual Result<proc::Launched> launch(const proc::LaunchOptions& options) = 0;
  virtual void kill(const proc::Launched& program) = 0;
  virtual proc::Outcome finish(const proc::Launched& program) = 0;  // its pidfd is readable
};

class SystemLauncher final : public Launcher {  // as kScriptUser where we are root, else as who we are
 public:
  Result<proc::Launched> launch(const proc::LaunchOptions& options) override;
  void kill(const proc::Launched& program) override { proc::end(program); }
  proc::Outcome finish(const proc::Launched& program) override { return proc::finish(program); }

 private:
  std::optional<proc::User> user_;  // once it was found: looking it up may ask other machines
};

class Scripts {
 public:
  using Answer = std::function<void(const ipc::ScriptResult&)>;

  Scripts(event::Loop& loop, Launcher& launcher, Answer answer)
      : loop_(loop), launcher_(launcher), answer_(std::move(answer)) {}
  ~Scripts();
  Scripts(const Scripts&) = delete;
  Scripts& operator=(const Scripts&) = delete;

  // An error: no hce that works asks for that.
  [[nodiscard]] Status run(const ipc::ScriptRun& request, const conf::Config& config);
  void stop(const ipc::ScriptStop& request);
  void end_all();  // hce is gone: nobody is answered

 private:
  struct Run {
    proc::Launched program;
    std::optional<std::uint32_t> asked;       // hce's number; none: nobody is answered
    std::optional<ipc::ScriptResult> killed;  // why we ended it
    std::unique_ptr<event::Watcher> exit;
    std::unique_ptr<event::Timer> time;
  };

  void begin(std::uint32_t number, const proc::LaunchOptions& options, Milliseconds timeout);
  void refuse(std::uint32_t number, std::string why);
  void on_exit(std::uint64_t key);
  void on_time(Run& run);
  void kill(Run& run, ipc::ScriptResult result);

  event::Loop& loop_;
  Launcher& launcher_;
  Answer answer_;
  std::uint64_t next_key_ = 0;
  std::map<std::uint64_t, Run> runs_;
};

}  // namespace hcd::parent
