// Entries by id, the lowest first, in one piece of memory: for what there are very many of and which is put in at one go.
// An entry costs what it needs itself, and a walk over all of them reads memory in order. Finding one is O(log n); putting
// one in moves those with higher ids.
#pragma once
#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "hcd/conf/config.h"

namespace hcd::pfe {

template <class Entry>
class ById {
 public:
  using Item = std::pair<conf::Id, Entry>;
  using iterator = typename std::vector<Item>::iterator;
  using const_iterator = typename std::vector<Item>::const_iterator;

  [[nodiscard]] iterator begin() { return items_.begin(); }
  [[nodiscard]] iterator end() { return items_.end(); }
  [[nodiscard]] const_iterator begin() const { return items_.begin(); }
  [[nodiscard]] const_iterator end() const { return items_.end(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  void reserve(std::size_t count) { items_.reserve(count); }

  [[nodiscard]] iterator find(conf::Id id) { return find_in(items_, id); }
  [[nodiscard]] const_iterator find(conf::Id id) const { return find_in(items_, id); }
  [[nodiscard]] bool contains(conf::Id id) const { return find(id) != end(); }
  [[nodiscard]] Entry& at(conf::Id id) { return at_in(*this, id); }
  [[nodiscard]] const Entry& at(conf::Id id) const { return at_in(*this, id); }

  // References to entries are good for as long as none is put in. One that is there already stays.
  void emplace(conf::Id id, Entry entry) {
    const auto place = std::ranges::lower_bound(items_, id, {}, &Item::first);
    if (place == items_.end() || place->first != id) items_.emplace(place, id, std::move(entry));
  }

 private:
  template <class Items>
  static auto find_in(Items& items, conf::Id id) {
    const auto place = std::ranges::lower_bound(items, id, {}, &Item::first);
    return place == items.end() || place->first == id ? place : items.end();
  }
  template <class Self>
  static auto& at_in(Self& self, conf::Id id) {
    const auto found = self.find(id);
    if (found == self.end()) throw std::out_of_range("no such id");
    return found->second;
  }

  std::vector<Item> items_;
};

}  // namespace hcd::pfe
