#include "tools/hcpfctl/options.h"

#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include "fastpath/base/text.h"
#include "fastpath/bpf/map_fds.h"
#include "fastpath/hosts.h"
#include "tools/hcpfctl/check_options.h"

namespace hcd::hcpfctl {

const char* const kUsage =
    "usage: hcpfctl [-jv] [-a anchor] [-p directory] -s modifier\n"
    "       hcpfctl [-jqv] [-a anchor] [-c count] [-l number] [-p directory] [-w seconds]\n"
    "               -s events|packets|drops [host|network ...]\n"
    "       hcpfctl [-jnqv] [-a anchor] [-p directory] -t table -T command [-f file] [address ...]\n"
    "       hcpfctl [-deqz] [-a anchor] [-p directory] [-i interface] [-m mode] [-F modifier]\n"
    "               [[-nv] [-D macro=value] -f file]\n"
    "       hcpfctl [-q] [-p directory] -k host|network [-k host|network]\n"
    "       hcpfctl [-q] [-p directory] -k label -k label\n"
    "       hcpfctl [-q] [-p directory] -k id -k id\n"
    "       hcpfctl [-q] [-p directory] -K host|network [-K host|network]\n"
    "-s: rules nat states Sources Tables info labels Anchors memory timeouts all\n"
    "    events packets drops\n"
    "-F: rules nat states Sources Tables info all\n"
    "-T: show test add delete replace zero expire flush kill\n"
    "-m: auto xdp tc\n";

namespace {

const std::vector<std::string_view> kShowWords = {"rules", "nat",    "states",  "Sources", "Tables",
                                                  "info",  "labels", "Anchors", "memory",  "timeouts",
                                                  "all",   "events", "packets", "drops"};
const std::vector<std::string_view> kTableWords = {"show", "test",   "add",   "delete", "replace",
                                                   "zero", "expire", "flush", "kill"};
const std::vector<std::string_view> kFlushWords = {"states", "rules", "nat", "Sources", "Tables", "info", "all"};

// The word's place in the list, from 1, is its value in the enumeration.
template <class Word>
Status set_word(const char* option, std::string_view text, const std::vector<std::string_view>& words, Word& out) {
  std::size_t index = 0;
  const std::string quoted = std::string(option) + " " + printable(text);
  if (out != Word{}) return fail(Code::Invalid, std::string(option) + " is given twice");
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

// One network, or a client's and a destination's.
Status set_networks(const char* option, const std::vector<std::string>& words, std::vector<fastpath::Network>& out) {
  if (words.size() > 2) return fail(Code::Invalid, std::string(option) + " is given twice at most");
  for (const std::string& word : words) {
    const auto network = fastpath::network_of(word);
    if (!network) return fail_in(option, network.error());
    out.push_back(*network);
  }
  if (out.size() == 2 && out[0].address.family != out[1].address.family) {
    return fail(Code::Invalid, std::string(option) + ": the two are of different families");
  }
  return {};
}

Status set_kill(Options& options, const std::vector<std::string>& words) {
  if (!words.empty() && words.front() == "id") {
    std::string_view digits = words.back();
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    options.kill_id = words.size() == 2 ? parse_number<std::uint64_t>(digits, 0, UINT64_MAX, 16) : std::nullopt;
    return options.kill_id ? Status() : fail(Code::Invalid, "-k id needs -k and an id, as -s states -vv shows it");
  }
  if (words.empty() || words.front() != "label") return set_networks("-k", words, options.kill);
  if (words.size() != 2 || words.back().empty()) return fail(Code::Invalid, "-k label needs -k and a label");
  options.kill_label = words.back();
  return {};
}

Status set_macro(Options& options, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || !is_macro_name(text.substr(0, equals))) {
    return fail(Code::Invalid, "-D " + printable(text) + " is not macro=value");
  }
  options.macros[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  return {};
}

Status set_mode(Options& options, std::string_view text) {
  using fastpath::AttachMode;
  if (text == "auto") options.attach = AttachMode::Auto;
  if (text == "xdp") options.attach = AttachMode::Xdp;
  if (text == "tc") options.attach = AttachMode::Tc;
  if (text == "auto" || text == "xdp" || text == "tc") return {};
  return fail(Code::Invalid, "-m " + printable(text) + ": the mode is auto, xdp or tc");
}

template <class Number>
Status set_number(char option, std::string_view text, Number& out) {
  const auto number = parse_number<Number>(text, 1, std::numeric_limits<std::int32_t>::max());
  if (!number) return fail(Code::Invalid, fmt::format("-{} {} is not a number from 1 on", option, printable(text)));
  out = *number;
  return {};
}

Status set_wait(Options& options, std::string_view text) {
  std::uint32_t seconds = 0;
  auto done = set_number('w', text, seconds);
  options.wait = Seconds(seconds);
  return done;
}

Status set_option(Options& options, int option, const char* argument) {
  switch (option) {
    case 'a': set_anchor(options, argument); return {};
    case 'c': return set_number('c', argument, options.count);
    case 'D': return set_macro(options, argument);
    case 'd': options.disable = true; return {};
    case 'e': options.enable = true; return {};
    case 'F': return set_word("-F", argument, kFlushWords, options.flush);
    case 'f': options.file = argument; return {};
    case 'i': options.interfaces.emplace_back(argument); return {};
    case 'j': options.json = true; return {};
    case 'l': return set_number('l', argument, options.one_in);
    case 'm': return set_mode(options, argument);
    case 'n': options.dummy = true; return {};
    case 'p': options.pin_directory = argument; return {};
    case 'q': options.quiet = true; return {};
    case 's': return set_word("-s", argument, kShowWords, options.show);
    case 'T': return set_word("-T", argument, kTableWords, options.command);
    case 't': options.table = argument; return {};
    case 'v': options.verbose++; return {};
    case 'w': return set_wait(options, argument);
    case 'z': options.zero = true; return {};
    default: return fail(Code::Invalid, "unknown option, or one without its argument");
  }
}

}  // namespace

bool Options::covers(const std::string& name) const {
  if (!anchored || name == anchor) return true;
  return recurse && (anchor.empty() || name.starts_with(anchor + "/"));
}

Result<std::string> Options::choose(const std::vector<std::string>& having_table) const {
  std::string out;
  for (const std::string& name : having_table) {
    if (!covers(name)) continue;
    if (!out.empty()) {
      return fail(Code::Invalid, "Table " + table + " is in anchors " + out + " and " + name + ": say which with -a.");
    }
    out = name;
  }
  return out;
}

Result<Options> parse_options(int argc, char** argv, const Files& files) {
  Options options{.pin_directory = fastpath::kPinDirectory};
  std::vector<std::string> kill, kill_sources, words;
  optind = 0;  // glibc: begin anew, whatever was left of another command line
  opterr = 0;
  for (int option; (option = getopt(argc, argv, "a:c:D:deF:f:i:jK:k:l:m:np:qs:T:t:vw:z")) != -1;) {
    if (option == 'k' || option == 'K') {
      (option == 'k' ? kill : kill_sources).emplace_back(optarg);
      continue;
    }
    if (auto status = set_option(options, option, optarg); !status) return std::unexpected(status.error());
  }
  for (int i = optind; i < argc; i++) words.emplace_back(argv[i]);
  for (auto status : {set_kill(options, kill), set_networks("-K", kill_sources, options.kill_sources),
                      set_entries(options, words, files), check_options(options)}) {
    if (!status) return std::unexpected(status.error());
  }
  return options;
}

}  // namespace hcd::hcpfctl
