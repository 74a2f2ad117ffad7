// What a request answers: lists and feedback on the standard output, results of actions on the standard error, as pfctl.
#pragma once
#include <string>

namespace hcd::hcpfctl {

struct Answer {
  std::string out, err;
  int status = 0;  // 2: -T test missed

  void add(Answer other) {
    out += other.out;
    err += other.err;
    if (status == 0) status = other.status;
  }
};

}  // namespace hcd::hcpfctl
