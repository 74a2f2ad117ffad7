// Files that a test has in memory.
#pragma once
#include <map>
#include <set>
#include <string>

#include "fastpath/base/source.h"

namespace hcd {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> files;
  std::set<std::string> programs;

  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    const auto found = files.find(path);
    if (found == files.end()) return fail_errno("cannot open", ENOENT);
    if (found->second.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
    return found->second;
  }
  // Understands one '*' at the place where the names differ.
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override {
    const auto star = pattern.find('*');
    const auto head = pattern.substr(0, star);
    const auto tail = pattern.substr(star + 1);
    std::vector<std::string> found;
    for (const auto& [path, text] : files)
      if (path.size() >= pattern.size() - 1 && path.starts_with(head) && path.ends_with(tail)) found.push_back(path);
    return found;
  }
  [[nodiscard]] Status executable(const std::string& path) const override {
    if (programs.contains(path)) return {};
    if (files.contains(path)) return fail(Code::Permission, "is not executable");
    return fail_errno("cannot be run", ENOENT);
  }
  [[nodiscard]] Status only_root_changes(const std::string& path) const override {
    if (programs.contains(path)) return {};
    if (files.contains(path)) return fail(Code::Permission, "does not belong to root");
    return fail(Code::NotFound, "cannot be run: No such file or directory");
  }
};

}  // namespace hcd
