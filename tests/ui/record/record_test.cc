#include "ui/record/record.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP(Record) {
  std::string file = recording_begin();
  void add(std::int64_t wall_ms, ctl::Update update) {
    file += recorded({wall_ms, std::move(update)});
  }
};

TEST(Record, what_was_recorded_comes_back_with_its_times) {
  add(1000, ctl::Begin{.header = {.pid = 7}});
  add(2500, ctl::Event{.text = "up -> down"});
  const auto moments = *replay(file);
  CHECK_EQUAL(2U, moments.size());
  CHECK_EQUAL(7U, std::get<ctl::Begin>(moments[0].update).header.pid);
  CHECK_EQUAL(2500, moments[1].wall_ms);
  STRCMP_EQUAL("up -> down", std::get<ctl::Event>(moments[1].update).text.c_str());
}

TEST(Record, a_file_that_was_cut_off_gives_what_is_whole) {
  add(1000, ctl::End());
  const std::size_t whole = file.size();
  add(2000, ctl::Event{.text = "up -> down"});
  for (std::size_t size = whole; size < file.size(); size++) CHECK_EQUAL(1U, replay(file.substr(0, size))->size());
}

TEST(Record, what_is_no_recording_is_refused_and_named) {
  STRCMP_CONTAINS("does not begin", replay("hello").error().text.c_str());
  STRCMP_CONTAINS("does not begin", replay("").error().text.c_str());
  add(1000, ctl::End());
  add(999, ctl::End());
  STRCMP_CONTAINS("time goes back", replay(file).error().text.c_str());
}

TEST(Record, a_frame_that_cannot_be_is_refused) {
  add(1000, ctl::End());
  std::string longer = file;
  longer[recording_begin().size() + 8 + 7] = '\x7f';  // the length's highest byte
  STRCMP_CONTAINS("bytes", replay(longer).error().text.c_str());
  std::string other = file;
  other[recording_begin().size() + 8] = '\x01';  // a type that only clients send
  STRCMP_CONTAINS("not understood", replay(other).error().text.c_str());
}

// Bytes are turned at random: what is still understood is shown, and nothing falls.
TEST(Record, a_stream_that_lies_is_borne) {
  test::Stage stage;
  stage.tell_site();
  std::uint32_t random = 3;
  const auto draw_one = [&] { return random = random * 1'664'525 + 1'013'904'223, random >> 8; };
  std::size_t understood = 0;
  for (int i = 0; i < 600; i++) {
    std::string bytes = stage.recording;
    for (std::uint32_t n = draw_one() % 3 + 1; n > 0; n--)
      bytes[recording_begin().size() + draw_one() % (bytes.size() - recording_begin().size())] =
          static_cast<char>(draw_one());
    const auto moments = replay(bytes);
    if (!moments) continue;
    understood++;
    Desk desk;
    desk.detail = i % 2 == 0;
    desk.choice.view = static_cast<View>(draw_one() % kViews);
    for (const auto& moment : *moments) desk.live.apply(moment.update, moment.wall_ms);
    desk.move_to(static_cast<int>(draw_one() % 30));
    (void)draw(desk, 150, 40, glyphs(Symbols::Braille), stage.now);
  }
  CHECK(understood > 50);
}
