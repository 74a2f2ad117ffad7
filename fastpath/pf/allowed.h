// What whoever runs pfctl for an engine lets through, whoever asks: the commands that PfEngine has, about anchors directly below
// one prefix and the states of their labels, with input of the form that each reads. So nothing but those anchors can be
// changed, and pfctl is made to read no file and to ask for no name.
#pragma once
#include <string>

#include "fastpath/pf/render.h"

namespace hcd::fastpath::pf {

[[nodiscard]] Status check_allowed(const Command& command, const std::string& prefix);

}  // namespace hcd::fastpath::pf
