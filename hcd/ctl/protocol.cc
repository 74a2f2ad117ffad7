#include "hcd/ctl/protocol.h"

#include <algorithm>

#include "hcd/ipc/codec.h"

namespace hcd::ctl {
namespace {

template <class Message>
class Cutter {
 public:
  // Each message begins like `empty`, but for what only the first has.
  explicit Cutter(Message empty) : Cutter(empty, empty) {}
  Cutter(Message first, Message empty) : next_(std::move(first)), empty_(std::move(empty)) {}

  template <class Row>
  void add(std::vector<Row> Message::* list, std::vector<Row>& rows) {
    for (auto& row : rows) {
      const std::size_t size = ipc::encode(row).size();
      if (out_.empty() || size_ + size > kReplyMax) begin();
      size_ += size;
      (out_.back().*list).push_back(std::move(row));
    }
  }
  [[nodiscard]] std::vector<Message> take() { return std::move(out_); }

 private:
  void begin() {
    size_ = sizeof(ipc::FrameHeader) + ipc::encode(next_).size();
    out_.push_back(std::exchange(next_, empty_));
  }

  Message next_;
  const Message empty_;
  std::size_t size_ = 0;
  std::vector<Message> out_;
};

}  // namespace

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

void add(std::optional<Outcome>& whole, Outcome part) {
  if (!whole) return void(whole = std::move(part));
  whole->generation = part.generation;
  std::ranges::move(part.objects, std::back_inserter(whole->objects));
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

std::vector<Durations> in_frames(Durations durations) {
  Cutter cutter(Durations{});
  cutter.add(&Durations::tables, durations.tables);
  return cutter.take();
}

std::vector<Numbers> in_frames(Numbers numbers) {
  Cutter cutter(Numbers{.wall_ms = numbers.wall_ms, .services = {}, .tables = {}, .hosts = {}});
  cutter.add(&Numbers::services, numbers.services);
  cutter.add(&Numbers::tables, numbers.tables);
  cutter.add(&Numbers::hosts, numbers.hosts);
  return cutter.take();
}

std::vector<Beats> in_frames(Beats beats) {
  Cutter cutter(Beats{.wall_ms = beats.wall_ms, .beats = {}});
  cutter.add(&Beats::beats, beats.beats);
  return cutter.take();
}

std::vector<Outcome> in_frames(Outcome outcome) {
  Outcome rest{.generation = outcome.generation, .dry_run = outcome.dry_run, .consequence = {}, .objects = {}};
  Outcome first = rest;
  first.consequence = std::move(outcome.consequence);
  Cutter cutter(std::move(first), std::move(rest));
  cutter.add(&Outcome::objects, outcome.objects);
  return cutter.take();
}

}  // namespace hcd::ctl
