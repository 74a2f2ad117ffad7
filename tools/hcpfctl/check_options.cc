#include "tools/hcpfctl/check_options.h"

#include "fastpath/base/text.h"
#include "fastpath/hosts.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::kWeightMax;
using fastpath::TableEntry;

constexpr std::size_t kFileMax = 64 << 20, kEntriesMax = 1 << 20;

bool takes_addresses(TableCommand command) {
  switch (command) {
    case TableCommand::Test:
    case TableCommand::Add:
    case TableCommand::Delete:
    case TableCommand::Replace:
    case TableCommand::Zero: return true;
    default: return false;
  }
}

Status set_lifetime(Options& options, const std::vector<std::string>& words) {
  const auto seconds = words.size() == 1 ? parse_number<std::uint32_t>(words.front(), 0, UINT32_MAX) : std::nullopt;
  if (!seconds) return fail(Code::Invalid, "-T expire needs a number of seconds");
  options.lifetime = *seconds;
  return {};
}

Status set_only(Options& options, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const auto network = fastpath::network_of(word);
    if (!network) return std::unexpected(network.error());
    options.only.push_back(*network);
  }
  return {};
}

Status check_table(const Options& options) {
  if (options.table.empty()) return fail(Code::Invalid, "-T needs a table, given by -t");
  if (const auto sound = fastpath::make_table(options.table, {}); !sound) return std::unexpected(sound.error());
  const bool none = options.entries.empty();
  if (options.command == TableCommand::Test && none) return fail(Code::Invalid, "-T test needs an address");
  if ((options.command == TableCommand::Add || options.command == TableCommand::Delete) && none &&
      options.file.empty()) {
    return fail(Code::Invalid, "-T needs an address");
  }
  if (options.command == TableCommand::Test) {
    for (const TableEntry& entry : options.entries) {
      if (!entry.is_address()) return fail(Code::Invalid, entry.text() + " is not an address");
    }
  }
  if (options.show != Show::Nothing || options.flush != Flush::Nothing || options.kills() || options.zero ||
      options.enable || options.disable) {
    return fail(Code::Invalid, "-T stands alone");
  }
  return {};
}

Status check_follow(const Options& options) {
  if (options.follows()) return {};
  if (options.one_in != 0 || options.count != 0 || options.wait) {
    return fail(Code::Invalid, "-c, -l and -w are for -s events, packets and drops");
  }
  return {};
}

Status check_rest(const Options& options) {
  if (!options.table.empty()) return fail(Code::Invalid, "-t needs a command, given by -T");
  const bool acts = options.flush != Flush::Nothing || options.kills() || options.zero || options.loads() ||
                    options.enable || options.disable;
  if (!acts && options.show == Show::Nothing)
    return fail(Code::Invalid, "one of -d, -e, -F, -f, -K, -k, -s, -T and -z is needed");
  if (acts && options.show != Show::Nothing) return fail(Code::Invalid, "-s stands alone");
  if (options.kills() && (options.flush != Flush::Nothing || options.loads() || options.zero)) {
    return fail(Code::Invalid, "-k and -K stand alone");
  }
  if (!options.kill_sources.empty() && (options.kill_label || options.kill_id || !options.kill.empty())) {
    return fail(Code::Invalid, "-k and -K exclude each other");
  }
  const bool states = options.flush == Flush::States || options.flush == Flush::Sources || options.flush == Flush::Info;
  if (options.anchored && (states || options.kills())) {
    return fail(Code::Invalid, "states and counters of packets are of all anchors: -a is not for them");
  }
  const bool of_anchor = options.flush == Flush::Rules || options.flush == Flush::Nat || options.flush == Flush::Tables;
  if (of_anchor && !options.anchored) return fail(Code::Invalid, "-F: name the anchor with -a, or all with -a '*'");
  if (options.loads() && options.recurse) return fail(Code::Invalid, "-f is for one anchor: -a without '*'");
  const bool changes = options.flush != Flush::Nothing || options.zero || options.enable || options.disable;
  if (options.dummy && (!options.loads() || changes)) return fail(Code::Invalid, "-n is for -f and -T");
  if (!options.macros.empty() && !options.loads()) return fail(Code::Invalid, "-D is for -f");
  if (!options.interfaces.empty() && !options.enable) return fail(Code::Invalid, "-i is for -e");
  return {};
}

}  // namespace

Status set_entries(Options& options, std::vector<std::string> words, const Files& files) {
  if (options.command == TableCommand::Expire) return set_lifetime(options, words);
  if (options.follows()) return set_only(options, words);
  if (!takes_addresses(options.command)) {
    if (words.empty()) return {};
    return fail(Code::Invalid, printable(words.front()) + ": addresses are for -T test, add, delete, replace and zero");
  }
  const std::vector<std::string_view> given(words.begin(), words.end());
  if (auto added = fastpath::add_entries(given, options.entries); !added) return added;
  if (options.file.empty()) return {};
  const auto text = files.read(options.file, kFileMax);
  if (!text) return fail_in(options.file, text.error());
  if (auto added = fastpath::add_entries(*text, kEntriesMax, options.entries); !added)
    return fail_in(options.file, added.error());
  return {};
}

Status check_options(const Options& options) {
  if (options.json && options.show == Show::Nothing && options.command != TableCommand::Show) {
    return fail(Code::Invalid, "-j is for -s and -T show");
  }
  if (options.enable && options.disable) return fail(Code::Invalid, "-e and -d exclude each other");
  if (auto sound = check_follow(options); !sound) return sound;
  return options.command != TableCommand::Nothing ? check_table(options) : check_rest(options);
}

}  // namespace hcd::hcpfctl
