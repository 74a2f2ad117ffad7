// With the real kernel: as root, in a directory of its own, attached to nothing.
#include "fastpath/bpf/loader.h"

#include <sys/mount.h>
#include <unistd.h>

#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/kernel_check.h"
#include "fastpath/bpf/kernel_maps.h"
#include "fastpath/bpf/states.h"
#include "tests/fake/needs.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(LoadedMaps) {
  LoaderOptions options;
  SystemClock clock;

  void setup() override {
    options.pin_directory = "/tmp/hcd-loader-test-" + std::to_string(getpid());
    options.sizes = {.rules = 64,
                     .hosts = 64,
                     .members = 64,
                     .tables = 16,
                     .anchors = 16,
                     .ring_lines = 256,
                     .buckets = 256,
                     .vip_lines = 16,
                     .endpoint_lines = 16};
  }
  void teardown() override {
    must(Loader::unload(options.pin_directory));
    umount(options.pin_directory.c_str());
    rmdir(options.pin_directory.c_str());
  }
  static void must(const Status& status) {
    if (!status) FAIL(status.error().text.c_str());
  }
  std::unique_ptr<KernelMaps> pinned() {
    auto fds = MapFds::open(options.pin_directory);
    if (!fds) FAIL(fds.error().text.c_str());
    auto maps = KernelMaps::map(std::move(*fds), KernelMaps::Access::Write);
    if (!maps) FAIL(maps.error().text.c_str());
    return std::move(*maps);
  }
  void load(const char* address) {
    BpfEngine engine(pinned(), clock, kernel_random, "bpf (test)");
    must(engine.adopted());
    Transaction transaction = engine.begin();
    transaction.set_table("hcd/www", *make_table("www", {{*Address::parse(address)}}));
    transaction.set_rules("hcd/www", {{.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www"}});
    must(engine.commit(transaction));
  }
};

BPF_TEST(LoadedMaps, outlive_the_loader_and_are_adopted_with_all_they_hold) {
  {
    Loader loader(options);
    must(loader.load());
    LONGS_EQUAL(0, loader.notes().size());
    load("10.0.0.1");
    load("10.0.0.2");
  }
  Loader again(options);
  must(again.load());
  STRCMP_EQUAL(("adopted the maps pinned under " + options.pin_directory).c_str(), again.notes().at(0).c_str());
  const BpfEngine engine(pinned(), clock, kernel_random, "bpf (test)");
  LONGS_EQUAL(0, engine.faults().size());
  const auto table = engine.table_counters("hcd/www", "www");
  LONGS_EQUAL(1, table->size());
  STRCMP_EQUAL("10.0.0.2", table->at(0).address.text().c_str());
  LONGS_EQUAL(0, engine.rule_counters("hcd/www")->packets[0]);
  LONGS_EQUAL(0, take_census(engine.maps().views(), clock.now()).total);
}

BPF_TEST(LoadedMaps, of_other_sizes_are_made_anew_and_the_loss_is_said) {
  {
    Loader loader(options);
    must(loader.load());
    load("10.0.0.1");
  }
  options.sizes.hosts = 128;
  Loader again(options);
  must(again.load());
  STRCMP_EQUAL(("the maps pinned under " + options.pin_directory +
                " cannot be adopted: hcd_hosts has 64 entries, 128 are wanted; 0 states and all counters are lost")
                   .c_str(),
               again.notes().at(0).c_str());
  const BpfEngine engine(pinned(), clock, kernel_random, "bpf (test)");
  CHECK(engine.ruleset().empty());
}

// As a version leaves them that knew fewer maps.
BPF_TEST(LoadedMaps, of_another_layout_are_made_anew_and_the_loss_is_said) {
  {
    Loader loader(options);
    must(loader.load());
    load("10.0.0.1");
    const auto maps = pinned();
    maps->views().globals->layout = abi::HCD_LAYOUT - 1;
    maps->views().loads[1].states = 1, maps->views().loads[2].states = 2;
    unlink((options.pin_directory + "/hcd_large").c_str());
  }
  LONGS_EQUAL(static_cast<int>(Code::Unsupported), static_cast<int>(MapFds::open(options.pin_directory).error().code));
  const std::string cannot = "the maps pinned under " + options.pin_directory + " cannot be adopted: ";
  const std::string lost = "; 3 states and all counters are lost";
  {
    Loader again(options);
    must(again.load());
    STRCMP_EQUAL(
        (cannot + options.pin_directory + "/hcd_large is missing: another version pinned the others" + lost).c_str(),
        again.notes().at(0).c_str());
    const auto maps = pinned();
    LONGS_EQUAL(0, maps->views().loads[1].states);
    maps->views().globals->layout = abi::HCD_LAYOUT - 1;
    maps->views().loads[1].states = 1, maps->views().loads[2].states = 2;
  }
  Loader once_more(options);
  must(once_more.load());
  STRCMP_EQUAL((cannot + "they have layout " + std::to_string(abi::HCD_LAYOUT - 1) + ", this program knows " +
                std::to_string(abi::HCD_LAYOUT) + lost)
                   .c_str(),
               once_more.notes().at(0).c_str());
}

TEST_GROUP(Loader){};

TEST(Loader, says_that_nothing_is_loaded) {
  STRCMP_EQUAL("/nonexistent/hcd: no hcd rules are loaded", MapFds::open("/nonexistent/hcd").error().text.c_str());
}

TEST(Loader, refuses_impossible_sizes_before_it_touches_anything) {
  LoaderOptions options;
  options.sizes.buckets = 1000;
  STRCMP_EQUAL("1000 is not a power of two", Loader(options).load().error().text.c_str());
}

TEST(Loader, refuses_a_pin_directory_that_is_none) {
  STRCMP_EQUAL("the pin directory \"here\" is not an absolute path below a mount point",
               prepare_pin_directory("here").error().text.c_str());
}
