#include "hcd/ctl/protocol.h"

#include "hcd/ipc/codec.h"

namespace hcd::ctl {
namespace {

// What a frame of up to three lists costs before its first row.
constexpr std::size_t kEmpty = sizeof(ipc::FrameHeader) + sizeof(std::uint64_t) + 3 * sizeof(std::uint32_t);

template <class Message>
class Cutter {
 public:
  explicit Cutter(Message empty) : empty_(std::move(empty)) {}

  template <class Row>
  void add(std::vector<Row> Message::* list, std::vector<Row>& rows) {
    for (auto& row : rows) {
      const std::size_t size = ipc::encode(row).size();
      if (out_.empty() || size_ + size > kReplyMax) {
        out_.push_back(empty_);
        size_ = kEmpty;
      }
      size_ += size;
      (out_.back().*list).push_back(std::move(row));
    }
  }
  [[nodiscard]] std::vector<Message> take() { return std::move(out_); }

 private:
  const Message empty_;
  std::size_t size_ = 0;
  std::vector<Message> out_;
};

}  // namespace

std::string_view action_text(Action action) {
  switch (action) {
    case Action::Enable: return "enable";
    case Action::Disable: return "disable";
    case Action::Drain: return "drain";
    case Action::Undrain: return "undrain";
  }
  return "";
}

std::string_view event_text(EventKind kind) {
  switch (kind) {
    case EventKind::Host: return "host";
    case EventKind::Service: return "service";
    case EventKind::Admin: return "admin";
    case EventKind::Config: return "config";
    case EventKind::Engine: return "engine";
  }
  return "";
}

std::vector<Rows> in_frames(Rows rows) {
  Cutter cutter(Rows{.generation = rows.generation, .services = {}, .tables = {}, .hosts = {}});
  cutter.add(&Rows::services, rows.services);
  cutter.add(&Rows::tables, rows.tables);
  cutter.add(&Rows::hosts, rows.hosts);
  return cutter.take();
}

std::vector<Evidence> in_frames(Evidence evidence) {
  Cutter cutter(Evidence{});
  cutter.add(&Evidence::tables, evidence.tables);
  cutter.add(&Evidence::hosts, evidence.hosts);
  return cutter.take();
}

}  // namespace hcd::ctl
