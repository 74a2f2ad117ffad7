#include "fastpath/bpf/writer_lock.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(WriterLock) {
  std::string path = "/tmp/hcd-writer-lock-test-" + std::to_string(getpid());
  WriterLock mine, other;

  void setup() override {
    UniqueFd first(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    CHECK(static_cast<bool>(first));
    mine = WriterLock(std::move(first));
    other = WriterLock(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  }
  void teardown() override {
    unlink(path.c_str());
  }
};

TEST(WriterLock, is_held_by_one_at_a_time) {
  {
    const auto held = mine.take();
    CHECK(held.has_value());
    const auto refused = other.take(Milliseconds(3));
    CHECK(!refused.has_value());
    LONGS_EQUAL(Code::Limit, refused.error().code);
    STRCMP_EQUAL("another program is changing the rules", refused.error().text.c_str());
  }
  CHECK(other.take(Milliseconds(0)).has_value());
}

TEST(WriterLock, is_free_when_its_holder_has_died) {
  const pid_t child = fork();
  if (child == 0) {
    WriterLock theirs(UniqueFd(open(path.c_str(), O_RDONLY)));
    auto held = theirs.take();
    _exit(held ? 0 : 1);  // without letting go
  }
  int status = -1;
  waitpid(child, &status, 0);
  LONGS_EQUAL(0, status);
  CHECK(mine.take(Milliseconds(0)).has_value());
}

TEST(WriterLock, of_maps_of_ones_own_is_always_free) {
  const auto first = WriterLock().take(), second = WriterLock().take();
  CHECK(first.has_value() && second.has_value());
}
