#include "hcd/parent/scripts.h"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "hcd/conf/names.h"

namespace hcd::parent {
namespace {

using ipc::ScriptEnd;

constexpr unsigned kProcessesEach = 16, kProcessesLeast = 256;

bool is_script(const conf::Table& table) {
  return table.check.type == conf::CheckType::Script;
}

struct Found {
  const conf::Table* table = nullptr;
  const conf::Host* host = nullptr;
};
Found find_host(const conf::Config& config, conf::Id id) {
  for (const auto& table : config.tables) {
    if (!is_script(table)) continue;
    for (const auto& host : table.hosts)
      if (host.id == id) return {&table, &host};
  }
  return {};
}

proc::LaunchOptions options_for(const conf::Config& config, const Found& found) {
  return {.path = found.table->check.script.path,
          .arguments = {conf::written_name(*found.host)},
          .environment = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "LANG=C", "HOME=/",
                          "HCD_HOST=" + conf::written_name(*found.host), "HCD_ADDRESS=" + found.host->address.text(),
                          "HCD_PORT=" + std::to_string(found.table->port), "HCD_TABLE=" + found.table->name},
          .user = {},
          .processes = std::max(config.global.script_limit * kProcessesEach, kProcessesLeast),
          .cpu = std::chrono::ceil<Seconds>(found.table->timeout) + Seconds(1)};
}

ipc::ScriptResult result_of(const proc::Outcome& outcome) {
  ipc::ScriptResult result{.value = static_cast<std::uint8_t>(outcome.value)};
  switch (outcome.how) {
    case proc::Outcome::How::Exited: result.end = ScriptEnd::Exited; break;
    case proc::Outcome::How::Killed: result.end = ScriptEnd::Killed; break;
    case proc::Outcome::How::NotRun: return {.end = ScriptEnd::NotRun, .why = errno_name(outcome.value)};
  }
  return result;
}

}  // namespace

bool has_scripts(const conf::Config& config) {
  return std::ranges::any_of(config.tables, is_script);
}

Result<proc::Launched> SystemLauncher::launch(const proc::LaunchOptions& options) {
  proc::LaunchOptions as_user = options;
  if (geteuid() == 0) {
    if (!user_) {
      const auto user = proc::find_user(kScriptUser);
      if (!user) return std::unexpected(user.error());
      user_ = *user;
    }
    as_user.user = user_;
  }
  return proc::launch(as_user);
}

Scripts::~Scripts() {
  end_all();
}

Status Scripts::run(const ipc::ScriptRun& request, const conf::Config& config) {
  if (std::ranges::any_of(runs_, [&](const auto& entry) { return entry.second.asked == request.run; }))
    return fail(Code::Protocol, "it asked for a script under a number that is taken");
  const auto found = find_host(config, request.host);
  if (found.table == nullptr)  // a reload came between
    refuse(request.run, "no such host");
  else if (runs_.size() >= config.global.script_limit)
    refuse(request.run, "script limit");
  else
    begin(request.run, options_for(config, found), found.table->timeout);
  return {};
}

void Scripts::begin(std::uint32_t number, const proc::LaunchOptions& options, Milliseconds timeout) {
  auto program = launcher_.launch(options);
  if (!program)
    return refuse(number, program.error().sys != 0 ? errno_name(program.error().sys) : program.error().text);
  const std::uint64_t key = next_key_++;
  Run& run = runs_[key];
  run.program = std::move(*program);
  run.asked = number;
  // Deferred: what the watcher reports destroys it.
  run.exit = loop_.watch(run.program.pidfd.get(), [this, key, &run](event::Ready) {
    run.exit->want({});
    loop_.defer([this, key] { on_exit(key); });
  });
  run.exit->want({.read = true});
  run.time = loop_.timer([this, &run] { on_time(run); });
  run.time->after(timeout);
}

void Scripts::refuse(std::uint32_t number, std::string why) {
  answer_({.run = number, .end = ScriptEnd::NotRun, .why = std::move(why)});
}

void Scripts::on_exit(std::uint64_t key) {
  const auto at = runs_.find(key);
  if (at == runs_.end()) return;
  const auto outcome = launcher_.finish(at->second.program);
  const Run run = std::move(at->second);
  runs_.erase(at);
  if (!run.asked) return;
  auto result = run.killed.value_or(result_of(outcome));
  result.run = *run.asked;
  answer_(result);
}

void Scripts::on_time(Run& run) {
  kill(run, {.end = ScriptEnd::TimedOut});
}

void Scripts::stop(const ipc::ScriptStop& request) {
  for (auto& [key, run] : runs_)
    if (run.asked == request.run) return kill(run, {.end = ScriptEnd::NotRun, .why = "stopped"});
}

void Scripts::kill(Run& run, ipc::ScriptResult result) {
  launcher_.kill(run.program);
  run.time->cancel();
  if (!run.killed) run.killed = std::move(result);
}

void Scripts::end_all() {
  for (auto& [key, run] : runs_) {
    run.asked.reset();
    run.time->cancel();
    launcher_.kill(run.program);
  }
}

}  // namespace hcd::parent
