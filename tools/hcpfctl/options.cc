#include "tools/hcpfctl/options.h"

#include <algorithm>

#include <unistd.h>

#include "fastpath/base/text.h"
#include "fastpath/bpf/map_fds.h"

namespace hcd::hcpfctl {

const char* const kUsage =
    "usage: hcpfctl [-v] [-a anchor] [-p directory] -s modifier\n"
    "       hcpfctl [-v] [-a anchor] [-p directory] -t table -T show\n"
    "       hcpfctl [-a anchor] [-p directory] -t table -T test address ...\n"
    "       hcpfctl [-p directory] -F states\n"
    "       hcpfctl [-p directory] -k host|network [-k host|network]\n"
    "       hcpfctl [-p directory] -k label -k label\n"
    "modifiers: rules nat states Tables info labels Anchors memory\n";

namespace {

const std::vector<std::string_view> kShowWords = {"rules", "nat",    "states",  "Tables",
                                                  "info",  "labels", "Anchors", "memory"};
const std::vector<std::string_view> kTableWords = {"show", "test"};
const std::vector<std::string_view> kFlushWords = {"states"};

// The word's place in the list, from 1, is its value in the enumeration.
template <class Word>
Status set_word(const char* option, std::string_view text, const std::vector<std::string_view>& words, Word& out) {
  std::size_t index = 0;
  const std::string quoted = std::string(option) + " " + printable(text);
  switch (match_prefix(text, words, index)) {
    case PrefixMatch::Unique: out = static_cast<Word>(index + 1); return {};
    case PrefixMatch::None: return fail(Code::Invalid, quoted + ": unknown modifier");
    case PrefixMatch::Ambiguous: break;
  }
  return fail(Code::Invalid, quoted + ": more than one modifier begins so");
}

void set_anchor(Options& options, std::string_view text) {
  options.anchored = true;
  if (text == "*" || text.ends_with("/*")) {
    options.recurse = true;
    text.remove_suffix(text.size() > 1 ? 2 : 1);
  }
  while (text.starts_with('/')) text.remove_prefix(1);
  options.anchor = text;
}

Result<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return fail(Code::Invalid, printable(text) + " is neither an address nor a network");
  const auto whole = static_cast<unsigned>(8 * address->size());
  if (slash == std::string_view::npos) return Network{*address, whole};
  const auto length = parse_number<unsigned>(text.substr(slash + 1), 0, whole);
  if (!length)
    return fail(Code::Invalid, printable(text) + ": the length of a network is 0 to " + std::to_string(whole));
  return Network{*address, *length};
}

Status set_kill(Options& options, const std::vector<std::string>& words) {
  if (words.size() > 2) return fail(Code::Invalid, "-k is given twice at most");
  if (!words.empty() && words.front() == "label") {
    if (words.size() != 2 || words.back().empty()) return fail(Code::Invalid, "-k label needs -k and a label");
    options.kill_label = words.back();
    return {};
  }
  for (const std::string& word : words) {
    const auto network = parse_network(word);
    if (!network) return fail_in("-k", network.error());
    options.kill.push_back(*network);
  }
  if (options.kill.size() == 2 && options.kill[0].address.family != options.kill[1].address.family) {
    return fail(Code::Invalid, "-k: the two are of different families");
  }
  return {};
}

Status set_option(Options& options, int option, const char* argument) {
  switch (option) {
    case 'p': options.pin_directory = argument; return {};
    case 'a': set_anchor(options, argument); return {};
    case 't': options.table = argument; return {};
    case 'v': options.verbose++; return {};
    case 'F': return set_word("-F", argument, kFlushWords, options.flush);
    case 's': return set_word("-s", argument, kShowWords, options.show);
    case 'T': return set_word("-T", argument, kTableWords, options.command);
    default: return fail(Code::Invalid, "unknown option, or one without its argument");
  }
}

Status set_addresses(Options& options, int count, char** words) {
  for (int i = 0; i < count; i++) {
    const auto address = Address::parse(words[i]);
    if (!address) return fail(Code::Invalid, printable(words[i]) + " is not an address");
    options.addresses.push_back(*address);
  }
  return {};
}

Status check(const Options& options) {
  const bool table = options.command != TableCommand::Nothing;
  if (options.acts()) {
    const bool two = options.flush != Flush::Nothing && (options.kill_label || !options.kill.empty());
    if (two || table || options.show != Show::Nothing || !options.table.empty() || !options.addresses.empty()) {
      return fail(Code::Invalid, "-F and -k stand alone");
    }
    if (options.anchored) return fail(Code::Invalid, "-F states and -k are for all anchors: -a is not for them");
    return {};
  }
  if (table == (options.show != Show::Nothing)) return fail(Code::Invalid, "one of -s and -T is needed");
  if (table && options.table.empty()) return fail(Code::Invalid, "-T needs a table, given by -t");
  if (!table && !options.table.empty()) return fail(Code::Invalid, "-t needs a command, given by -T");
  if ((options.command == TableCommand::Test) == options.addresses.empty()) {
    return fail(Code::Invalid, options.addresses.empty() ? "-T test needs an address" : "addresses are for -T test");
  }
  return {};
}

}  // namespace

bool Network::holds(const Address& other) const {
  if (other.family != address.family) return false;
  const auto bytes = length / 8, rest = length % 8;
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + bytes, other.bytes.begin())) return false;
  return rest == 0 || (address.bytes[bytes] ^ other.bytes[bytes]) >> (8 - rest) == 0;
}

Result<Options> parse_options(int argc, char** argv) {
  Options options{.pin_directory = fastpath::kPinDirectory};
  std::vector<std::string> kill;
  optind = 1;
  opterr = 0;
  for (int option; (option = getopt(argc, argv, "a:F:k:p:s:t:T:v")) != -1;) {
    if (option == 'k') {
      kill.emplace_back(optarg);
      continue;
    }
    if (auto status = set_option(options, option, optarg); !status) return std::unexpected(status.error());
  }
  if (auto status = set_kill(options, kill); !status) return std::unexpected(status.error());
  if (auto status = set_addresses(options, argc - optind, argv + optind); !status) {
    return std::unexpected(status.error());
  }
  if (auto status = check(options); !status) return std::unexpected(status.error());
  return options;
}

}  // namespace hcd::hcpfctl
