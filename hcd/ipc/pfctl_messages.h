// What is said to the process that runs pfctl, and what it says. As in messages.h.
#pragma once
#include "hcd/ipc/codec.h"
#include "hcd/ipc/messages.h"

namespace hcd::ipc {

struct PfctlBegin {
  static constexpr auto kType = Type::PfctlBegin;
  std::string path;    // of the program
  std::string anchor;  // below which it may change anchors: "hcd"
  void fields(auto& f) { f(path, anchor); }
};

struct PfctlText {
  static constexpr auto kType = Type::PfctlText;
  static constexpr std::size_t kMax = 60'000;  // in one frame
  std::string text;
  void fields(auto& f) { f(text); }
};

struct PfctlRun {
  static constexpr auto kType = Type::PfctlRun;
  std::vector<std::string> arguments;
  void fields(auto& f) { f(arguments); }
};

struct PfctlEnd {
  static constexpr auto kType = Type::PfctlEnd;
  static constexpr std::size_t kTextMax = 4096;
  std::string failed;       // why there is no status; empty: there is one
  std::int32_t error = 0;   // errno of that, or 0
  std::int32_t status = 0;  // of its exit
  std::string err;          // the beginning of what it printed there
  void fields(auto& f) { f(failed, error, status, err); }
};

}  // namespace hcd::ipc
