// Tests that need what not every machine gives: root, or a kernel that runs BPF programs. Where it is missing they are
// counted as ignored, and the run ends with a line that says why; nothing of the test or its group is constructed.
#pragma once
#include <map>
#include <string>

#include <CppUTest/TestHarness.h>

namespace hcd::needs {

// What is missing for the tests that need it, as a sentence; empty where nothing is. Each looks once a run.
const std::string& root();
const std::string& bpf();
const std::string& traps();  // root, and a handler of SIGSYS that runs inside the system call

// How many tests were ignored, by the reason.
inline std::map<std::string, int>& ignored() {
  static std::map<std::string, int> counts;
  return counts;
}

template <class Test, const std::string& missing()>
class Shell : public UtestShell {
 public:
  Utest* createTest() override { return new Test; }
  bool willRun() const override { return missing().empty(); }
  void runOneTest(TestPlugin* plugin, TestResult& result) override {
    if (willRun()) return UtestShell::runOneTest(plugin, result);
    ignored()[missing()]++;
    result.countIgnored();
  }
};

}  // namespace hcd::needs

// Makes `test`, a class, the test of that group and name.
#define INSTALL_TEST_THAT_NEEDS(missing, test, group, name)       \
  static hcd::needs::Shell<test, missing> group##_##name##_shell; \
  static TestInstaller group##_##name##_installer(group##_##name##_shell, #group, #name, __FILE__, __LINE__);

// As TEST of CppUTest: the body is a member of the group.
#define TEST_THAT_NEEDS(missing, group, name)                          \
  struct group##_##name##_Test : TEST_GROUP_CppUTestGroup##group {     \
    void testBody() override;                                          \
  };                                                                   \
  INSTALL_TEST_THAT_NEEDS(missing, group##_##name##_Test, group, name) \
  void group##_##name##_Test::testBody()

#define ROOT_TEST(group, name) TEST_THAT_NEEDS(hcd::needs::root, group, name)
#define TRAP_TEST(group, name) TEST_THAT_NEEDS(hcd::needs::traps, group, name)
#define BPF_TEST(group, name) TEST_THAT_NEEDS(hcd::needs::bpf, group, name)
