// A small site for tests of the dashboard, told as a daemon would tell it: a service with a host down, one draining and one
// disabled, one on its backup, one that is down altogether; and golden frames of it.
// HCD_UPDATE=1 in the environment rewrites the frames; read the difference before you commit it.
#pragma once
#include <clocale>
#include <cstdlib>
#include <ctime>
#include <string>

#include "ui/model/desk.h"
#include "ui/panel/screen.h"
#include "ui/record/record.h"

namespace hcd::test {

inline constexpr std::int64_t kNow = 1'795'874'551'000;  // 2026-11-28 14:02:31 UTC

class Stage {
 public:
  Stage();
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void tell(const ctl::Update& update) {
    recording += ui::recorded({now, update});
    desk.live.apply(update, now);
  }
  void tell_site();
  ctl::HostRow& host(const std::string& name);  // of the rows below; tell() it again after a change
  void tell(const ctl::HostRow& row) { tell(ctl::Rows{.services = {}, .tables = {}, .hosts = {row}}); }
  void checks(const std::string& host, std::string_view results);  // '.' quick, '-' slow, 'x' failed
  void event(std::int64_t seconds_ago, ctl::EventKind kind, std::string subject, std::string text);
  [[nodiscard]] std::string frame(int width, int height, ui::Symbols symbols = ui::Symbols::Block);

  void tell_numbers(ctl::Vitals vitals);

  ui::Desk desk;
  std::string recording = ui::recording_begin();
  std::uint64_t events = 0;
  ctl::Rows rows;
  std::int64_t now = kNow;
};

void expect_golden(const std::string& name, const std::string& text);

}  // namespace hcd::test
