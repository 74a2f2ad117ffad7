#include "tools/hcpfctl/options.h"

#include <unistd.h>

#include "fastpath/base/text.h"
#include "fastpath/bpf/map_fds.h"

namespace hcd::hcpfctl {

const char* const kUsage =
    "usage: hcpfctl [-v] [-a anchor] [-p directory] -s modifier\n"
    "       hcpfctl [-v] [-a anchor] [-p directory] -t table -T show\n"
    "       hcpfctl [-a anchor] [-p directory] -t table -T test address ...\n"
    "modifiers: rules nat states Tables info labels Anchors\n";

namespace {

const std::vector<std::string_view> kShowWords = {"rules", "nat", "states", "Tables", "info", "labels", "Anchors"};
const std::vector<std::string_view> kTableWords = {"show", "test"};

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

Status set_option(Options& options, int option, const char* argument) {
  switch (option) {
    case 'p': options.pin_directory = argument; return {};
    case 'a': set_anchor(options, argument); return {};
    case 't': options.table = argument; return {};
    case 'v': options.verbose++; return {};
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
  if (table == (options.show != Show::Nothing)) return fail(Code::Invalid, "one of -s and -T is needed");
  if (table && options.table.empty()) return fail(Code::Invalid, "-T needs a table, given by -t");
  if (!table && !options.table.empty()) return fail(Code::Invalid, "-t needs a command, given by -T");
  if ((options.command == TableCommand::Test) == options.addresses.empty()) {
    return fail(Code::Invalid, options.addresses.empty() ? "-T test needs an address" : "addresses are for -T test");
  }
  return {};
}

}  // namespace

Result<Options> parse_options(int argc, char** argv) {
  Options options{.pin_directory = fastpath::kPinDirectory};
  optind = 1;
  opterr = 0;
  for (int option; (option = getopt(argc, argv, "a:p:s:t:T:v")) != -1;) {
    if (auto status = set_option(options, option, optarg); !status) return std::unexpected(status.error());
  }
  if (auto status = set_addresses(options, argc - optind, argv + optind); !status) {
    return std::unexpected(status.error());
  }
  if (auto status = check(options); !status) return std::unexpected(status.error());
  return options;
}

}  // namespace hcd::hcpfctl
