// What every kind of child process needs: our own and those that an operator names.
#pragma once
#include <string>
#include <vector>

#include <sys/types.h>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::proc {

// As execve(2) wants them, with the null at the end; `texts` outlives them.
[[nodiscard]] std::vector<char*> pointers(std::vector<std::string>& texts);
// A pidfd of a child that was just forked and is not reaped yet, so the pid is its own. If there is none the child is ended.
[[nodiscard]] Result<UniqueFd> hold(pid_t child);
void send_signal(const UniqueFd& pidfd, int number);  // harmless when the child has ended

}  // namespace hcd::proc
