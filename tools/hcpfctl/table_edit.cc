#include "tools/hcpfctl/table_edit.h"

#include <algorithm>
#include <map>
#include <set>

namespace hcd::hcpfctl {
namespace {

using fastpath::Network;
using Entries = std::map<Network, TableEntry>;

Entries by_network(std::span<const TableEntry> entries) {
  Entries out;
  for (const TableEntry& entry : entries) out.emplace(entry.network(), entry);
  return out;
}

std::vector<TableEntry> list(const Entries& entries) {
  std::vector<TableEntry> out;
  out.reserve(entries.size());
  for (const auto& [network, entry] : entries) out.push_back(entry);
  return out;
}

}  // namespace

TableEdit add_to(std::span<const TableEntry> now, std::span<const TableEntry> given) {
  TableEdit out;
  Entries entries = by_network(now);
  std::set<Network> seen;
  for (const TableEntry& entry : given) {
    const auto [at, fresh] = entries.try_emplace(entry.network(), entry);
    char mark = ' ';
    if (!seen.insert(entry.network()).second) {
      mark = 'X';
    } else if (fresh) {
      mark = 'A';
      out.added++;
    } else if (at->second.negated != entry.negated) {
      mark = 'Y';
    } else if (at->second.weight != entry.weight) {
      mark = 'C';
      out.changed++;
      at->second = entry;
    }
    out.feedback.push_back({mark, entry});
  }
  out.entries = list(entries);
  return out;
}

TableEdit delete_from(std::span<const TableEntry> now, std::span<const TableEntry> given) {
  TableEdit out;
  Entries entries = by_network(now);
  std::set<Network> seen;
  for (const TableEntry& entry : given) {
    const auto at = entries.find(entry.network());
    char mark = ' ';
    if (!seen.insert(entry.network()).second) {
      mark = 'X';
    } else if (at != entries.end() && at->second.negated != entry.negated) {
      mark = 'Y';
    } else if (at != entries.end()) {
      mark = 'D';
      out.deleted++;
      entries.erase(at);
    }
    out.feedback.push_back({mark, entry});
  }
  out.entries = list(entries);
  return out;
}

TableEdit replace_by(std::span<const TableEntry> now, std::span<const TableEntry> given) {
  TableEdit out;
  const Entries before = by_network(now);
  Entries entries;
  for (const TableEntry& entry : given) {
    const auto old = before.find(entry.network());
    char mark = ' ';
    if (!entries.try_emplace(entry.network(), entry).second) {
      mark = 'X';
    } else if (old == before.end()) {
      mark = 'A';
      out.added++;
    } else if (old->second != entry) {
      mark = 'C';
      out.changed++;
    }
    out.feedback.push_back({mark, entry});
  }
  for (const auto& [network, entry] : before) {
    if (entries.contains(network)) continue;
    out.deleted++;
    out.feedback.push_back({'D', entry});
  }
  out.entries = list(entries);
  return out;
}

const TableEntry* entry_for(std::span<const TableEntry> entries, const Address& address) {
  const TableEntry* best = nullptr;
  for (const TableEntry& entry : entries) {
    const Network network = entry.network();
    if (network.address.family != address.family || fastpath::masked({address, network.length}) != network.address)
      continue;
    if (best == nullptr || best->network().length < network.length) best = &entry;
  }
  return best;
}

std::string feedback_text(const Feedback& feedback) {
  const std::string sign = feedback.entry.negated ? "" : " ";
  return std::string{feedback.mark, ' '} + sign + feedback.entry.text() + "\n";
}

}  // namespace hcd::hcpfctl
