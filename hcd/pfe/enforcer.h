// Brings an engine's anchors to what is wanted, and keeps trying. What is wanted in one round of the loop is committed
// as one transaction; when the engine refuses that, each anchor alone, so that one which cannot be holds up no other.
// A refused anchor is tried again after 1, 2, 4 ... 60 seconds. What the engine puts off it is given time for a second after a
// change.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "fastpath/engine.h"
#include "hcd/event/loop.h"

namespace hcd::pfe {

class Enforcer {
 public:
  struct Handler {
    std::function<void(const std::string& anchor)> confirmed;
    std::function<void(const std::string& anchor, const Error& error, Seconds retry)> refused;
    std::function<void(const std::string& anchor)> disturbed = {};  // another program has changed it
    std::function<void(const Error& error)> blind = {};  // what is in force cannot be looked at, until it can again
  };
  Enforcer(event::Loop& loop, fastpath::Engine& engine, Handler handler);

  void want(const std::string& anchor, fastpath::Anchor wanted);  // at the end of this round
  void flush();                                                   // what is wanted in this round, now
  // All anchors below the prefix at once and now; an error leaves everything as it was.
  [[nodiscard]] Status replace(const std::string& prefix, const fastpath::Ruleset& wanted);
  void look();  // whether another program has changed anything; so does each commit
  // Why the engine has not what is wanted; empty: it has.
  [[nodiscard]] std::string error(const std::string& anchor) const;
  [[nodiscard]] std::string fault() const;  // the first of such; empty: it has all
  [[nodiscard]] const fastpath::Engine& engine() const { return engine_; }

 private:
  struct Pending {
    fastpath::Anchor wanted;
    std::string error;
  };

  void retry();
  void attempt(std::set<std::string> names);
  [[nodiscard]] Status commit(const std::set<std::string>& names);
  [[nodiscard]] Status commit(const fastpath::Transaction& transaction);
  void settle(const std::string& name, const Status& status);

  event::Loop& loop_;
  fastpath::Engine& engine_;
  Handler handler_;
  std::map<std::string, Pending> pending_;
  std::set<std::string> fresh_;  // wanted in this round
  bool blind_ = false;
  Seconds delay_{1};
  std::unique_ptr<event::Timer> timer_, tender_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace hcd::pfe
