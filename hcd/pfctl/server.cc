#include "hcd/pfctl/server.h"

#include "fastpath/pf/allowed.h"

namespace hcd::pfctl {

using fastpath::pf::PfctlOutput;

Status Server::on_parent(ipc::Message message) {
  const auto begin = ipc::decode<ipc::PfctlBegin>(message.frame.payload);
  if (message.frame.type != static_cast<std::uint32_t>(ipc::Type::PfctlBegin) || !begin || message.fds.size() != 1)
    return fail(Code::Protocol, "an unexpected message of type " + std::to_string(message.frame.type));
  drop();
  anchor_ = begin->anchor;
  pfctl_ = outlet_.make(begin->path);
  pfe_ = std::make_unique<ipc::Channel>(loop_, std::move(message.fds.front()),
                                        ipc::Channel::Handler{.message = [this](const ipc::Message& m) { on_pfe(m); },
                                                              .lost =
                                                                  [this](const Error& error) {
                                                                    if (error.code != Code::System)
                                                                      outlet_.accuse({.why = error.text});
                                                                    drop();
                                                                  }},
                                        ipc::Channel::Limits{.queue = 64U << 20, .fds = false});
  return {};
}

// It may be in the middle of telling something.
void Server::drop() {
  input_.clear();
  if (pfe_) loop_.defer([dying = std::shared_ptr<ipc::Channel>(std::move(pfe_))] {});
}

void Server::on_pfe(const ipc::Message& message) {
  if (!pfe_) return;  // it was dropped, and this came with what it was dropped for
  Status taken =
      fail(Code::Protocol, "a message of type " + std::to_string(message.frame.type) + " is not its to send");
  if (message.frame.type == static_cast<std::uint32_t>(ipc::Type::PfctlText)) taken = on_text(message.frame);
  if (message.frame.type == static_cast<std::uint32_t>(ipc::Type::PfctlRun)) taken = on_run(message.frame);
  if (taken) return;
  outlet_.accuse({.why = taken.error().text});
  drop();
}

Status Server::on_text(const ipc::Frame& frame) {
  const auto more = ipc::decode<ipc::PfctlText>(frame.payload);
  if (!more) return fail(Code::Protocol, "a malformed part of pfctl's input");
  if (input_.size() + more->text.size() > kInputMax) return fail(Code::Limit, "too much input for pfctl");
  input_ += more->text;
  return {};
}

Status Server::on_run(const ipc::Frame& frame) {
  const auto run = ipc::decode<ipc::PfctlRun>(frame.payload);
  if (!run || run->arguments.size() > kArgumentsMax) return fail(Code::Protocol, "a malformed run of pfctl");
  const fastpath::pf::Command command{run->arguments, std::exchange(input_, {})};
  if (const auto sound = check_allowed(command, anchor_); !sound) return sound;
  answer(frame.id, pfctl_->run(command.arguments, command.input));
  return {};
}

void Server::answer(std::uint32_t id, const Result<PfctlOutput>& output) {
  if (!output) {
    const Error& error = output.error();
    return pfe_->send(ipc::PfctlEnd{.failed = error.text, .error = error.sys, .status = 0, .err = {}}, id);
  }
  for (std::size_t at = 0; at < output->out.size(); at += ipc::PfctlText::kMax)
    pfe_->send(ipc::PfctlText{.text = output->out.substr(at, ipc::PfctlText::kMax)}, id);
  pfe_->send(
      ipc::PfctlEnd{
          .failed = {}, .error = 0, .status = output->status, .err = output->err.substr(0, ipc::PfctlEnd::kTextMax)},
      id);
}

}  // namespace hcd::pfctl
