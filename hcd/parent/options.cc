#include "hcd/parent/options.h"

#include <algorithm>
#include <array>

#include "hcd/conf/load.h"

namespace hcd::parent {
namespace {

struct Flag {
  char letter;
  bool takes_value;
};
constexpr auto kFlags = std::to_array<Flag>({{'C', true},
                                             {'d', false},
                                             {'D', true},
                                             {'f', true},
                                             {'F', false},
                                             {'i', true},
                                             {'n', false},
                                             {'p', true},
                                             {'P', true},
                                             {'s', true},
                                             {'S', true},
                                             {'v', false}});

// "/usr/sbin/hoststated" -> "hoststated"; a child's "hcd: hce" -> "hcd"; an unknown name is hcd.
std::string program_name(const std::string& invoked) {
  const auto slash = invoked.rfind('/');
  std::string name = invoked.substr(slash == std::string::npos ? 0 : slash + 1);
  name.resize(std::min(name.find(':'), name.size()));
  return name == "hoststated" || name == "relayd" ? name : "hcd";
}

Options defaults(const std::string& name) {
  Options options;
  options.name = name;
  options.config = name == "hcd" ? "/etc/hcd/hcd.conf" : "/etc/" + name + ".conf";
  options.socket = "/run/" + name + ".sock";
  options.pins = "/sys/fs/bpf/" + name;
  options.empty_directory = "/run/hcd/empty";
  options.state_directory = "/var/lib/" + name;
  return options;
}

Status set_role(Options& options, const std::string& value) {
  options.role = proc::role_named(value);
  if (options.role && *options.role != proc::Role::Parent) return {};
  return fail(Code::Invalid, "-P " + value + ": no such process");
}

Status set(Options& options, char letter, const std::string& value) {
  switch (letter) {
    case 'C': options.empty_directory = value; return {};
    case 'd': options.foreground = true; return {};
    case 'D': return conf::define_macro(options.macros, value);
    case 'f': options.config = value; return {};
    case 'F': options.unload = true; return {};
    case 'i': options.pid_file = value; return {};
    case 'n': options.check_only = true; return {};
    case 'p': options.pins = value; return {};
    case 'P': return set_role(options, value);
    case 'S': options.state_directory = value; return {};
    case 's':
      options.socket = value;
      options.socket_given = true;
      return {};
    default: options.verbose++; return {};
  }
}

// One argument of letters, "-dvf" "file" or "-dvffile"; `next` is the argument after it and moves when it is taken.
Status parse_argument(Options& options, const std::vector<std::string>& arguments, std::size_t& next) {
  const std::string& letters = arguments[next++];
  for (std::size_t i = 1; i < letters.size(); i++) {
    const auto* flag = std::ranges::find(kFlags, letters[i], &Flag::letter);
    if (flag == kFlags.end()) return fail(Code::Invalid, std::string("unknown option -") + letters[i]);
    std::string value;
    if (flag->takes_value) {
      value = letters.substr(i + 1);
      if (value.empty() && next < arguments.size()) value = arguments[next++];
      if (value.empty()) return fail(Code::Invalid, std::string("option -") + letters[i] + " needs a value");
      i = letters.size();
    }
    if (auto done = set(options, flag->letter, value); !done) return done;
  }
  return {};
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options = defaults(program_name(arguments.empty() ? "" : arguments[0]));
  for (std::size_t next = 1; next < arguments.size();) {
    const std::string& argument = arguments[next];
    if (argument.size() < 2 || argument[0] != '-') return fail(Code::Invalid, "unexpected argument '" + argument + "'");
    if (auto done = parse_argument(options, arguments, next); !done) return std::unexpected(done.error());
  }
  return options;
}

std::string usage(const std::string& name) {
  return "usage: " + name +
         " [-dnv] [-C directory] [-D name=value] [-f file] [-i pidfile] [-p pins] [-S directory] [-s socket]\n       " +
         name + " -F [-D name=value] [-f file] [-p pins] [-s socket]\n";
}

void take_socket(Options& options, const conf::Config& config) {
  if (!options.socket_given && !config.global.socket.empty()) options.socket = config.global.socket;
}

std::string read_only_socket(const std::string& socket) {
  constexpr std::string_view kSuffix = ".sock";
  if (!socket.ends_with(kSuffix)) return socket + "-ro";
  return socket.substr(0, socket.size() - kSuffix.size()) + "-ro.sock";
}

}  // namespace hcd::parent
