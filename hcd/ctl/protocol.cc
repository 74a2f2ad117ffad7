#include "hcd/ctl/protocol.h"

#include "hcd/ipc/codec.h"

namespace hcd::ctl {
namespace {

// What a frame of rows costs before its first row.
constexpr std::size_t kEmptyRows = sizeof(ipc::FrameHeader) + sizeof(std::uint64_t) + 3 * sizeof(std::uint32_t);

class Cutter {
 public:
  explicit Cutter(std::uint64_t generation) : generation_(generation) {}

  template <class Row>
  void add(std::vector<Row> Rows::* list, std::vector<Row>& rows) {
    for (auto& row : rows) {
      const std::size_t size = ipc::encode(row).size();
      if (out_.empty() || size_ + size > kReplyMax) next();
      size_ += size;
      (out_.back().*list).push_back(std::move(row));
    }
  }
  [[nodiscard]] std::vector<Rows> take() { return std::move(out_); }

 private:
  void next() {
    out_.push_back({.generation = generation_, .services = {}, .tables = {}, .hosts = {}});
    size_ = kEmptyRows;
  }

  std::uint64_t generation_;
  std::size_t size_ = 0;
  std::vector<Rows> out_;
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
  Cutter cutter(rows.generation);
  cutter.add(&Rows::services, rows.services);
  cutter.add(&Rows::tables, rows.tables);
  cutter.add(&Rows::hosts, rows.hosts);
  return cutter.take();
}

}  // namespace hcd::ctl
