#include "ui/model/desk.h"

#include <algorithm>

namespace hcd::ui {

Key mark_of(Key key) {
  key.service = Key::kNone;
  return key;
}

Subject subject_of(const Mirror& mirror, const Key& key, std::int64_t now_ms) {
  Subject out{.mirror = mirror, .now_ms = now_ms};
  switch (key.kind) {
    case ctl::Kind::Service: out.service = mirror.service(key.id); break;
    case ctl::Kind::Table: out.table = mirror.table(key.id); break;
    case ctl::Kind::Host:
      out.host = mirror.host(key.id);
      if (out.host != nullptr) out.table = mirror.table(out.host->row.table);
      break;
  }
  return out;
}

std::string name_of(const Mirror& mirror, const Key& key) {
  switch (key.kind) {
    case ctl::Kind::Service:
      if (const auto* service = mirror.service(key.id)) return service->row.name;
      break;
    case ctl::Kind::Table:
      if (const auto* table = mirror.table(key.id)) return table->row.name;
      break;
    case ctl::Kind::Host: {
      const auto* host = mirror.host(key.id);
      const auto* table = host == nullptr ? nullptr : mirror.table(host->row.table);
      if (table != nullptr) return table->row.name + "/" + host->row.name;
      break;
    }
  }
  return {};
}

const Line* Desk::line() const {
  const auto& lines = outline.lines();
  const auto index = static_cast<std::size_t>(cursor);
  return index < lines.size() ? &lines[index] : nullptr;
}

void Desk::move_to(int to) {
  const auto& lines = outline.lines();
  if (lines.empty()) {
    cursor = 0;
    return;
  }
  to = std::clamp(to, 0, static_cast<int>(lines.size()) - 1);
  if (lines[static_cast<std::size_t>(to)].note) to += to > cursor && to + 1 < static_cast<int>(lines.size()) ? 1 : -1;
  cursor = to;  // a note never stands first, nor below another
  at = lines[static_cast<std::size_t>(to)].key;
}

void Desk::settle(int room, std::int64_t now_ms) {
  outline.refresh(held ? *held : live, choice, now_ms);
  const auto& lines = outline.lines();
  const auto count = static_cast<int>(lines.size());
  const auto here = std::ranges::find_if(lines, [this](const Line& line) { return line.key == at && !line.note; });
  if (here != lines.end()) {
    cursor = static_cast<int>(here - lines.begin());
  } else {
    move_to(cursor);
  }
  rows = room;
  if (rows <= 0) return;
  // The note below the last host is to be seen with it.
  const bool noted = cursor + 1 < count && lines[static_cast<std::size_t>(cursor) + 1].note;
  const int last = cursor + (noted && rows > 1 ? 1 : 0);
  top = std::clamp(top, std::max(0, last - rows + 1), std::max(cursor, 0));
  top = std::max(0, std::min(top, count - rows));
}

}  // namespace hcd::ui
