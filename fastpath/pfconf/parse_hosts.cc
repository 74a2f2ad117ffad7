// Which packets a rule is for: interface, address family, protocol, source, destination and its port.
#include <cctype>

#include "fastpath/hosts.h"
#include "fastpath/pfconf/parser.h"

namespace hcd::fastpath::pfconf {
namespace {

bool parse_interface(Parser& parser, ast::Rule& rule) {
  if (parser.peek().is_symbol('!')) return parser.error(parser.peek().at, "an interface cannot be excepted here");
  const auto name = parser.name("interface");
  if (!name) return false;
  if (name->text != "any") rule.interfaces.push_back({name->text, name->at});
  return true;
}

bool parse_proto(Parser& parser, ast::Rule& rule) {
  const auto name = parser.value("a protocol");
  if (!name) return false;
  if (name->text != "tcp" && name->text != "6" && name->text != "udp" && name->text != "17") {
    return parser.error(name->at, "protocol " + quoted(*name) + ": only tcp and udp can be redirected");
  }
  rule.protos.push_back(name->text == "tcp" || name->text == "6" ? Proto::Tcp : Proto::Udp);
  return true;
}

bool parse_source(Parser& parser, ast::Rule& rule) {
  ast::Source source{.at = parser.peek().at};
  while (parser.accept('!')) source.negated = !source.negated;
  if (parser.peek().is_symbol('<')) {
    auto table = parser.table_name();
    if (!table) return false;
    source.table = std::move(*table);
  } else if (parser.accept("any")) {
    if (source.negated) return parser.error(source.at, "nobody is from ! any");
  } else {
    const auto token = parser.value("an address, a network, <table> or any");
    if (!token) return false;
    source.network = parse_network(parser, *token);
    if (!source.network) return false;
  }
  rule.from.push_back(std::move(source));
  return true;
}

bool parse_destination(Parser& parser, ast::Rule& rule) {
  const Token first = parser.peek();
  if (first.is_symbol('!') || first.is_symbol('<') || first.is_word("any")) {
    return parser.error(first.at, "a rule redirects what goes to an address, not to " + quoted(first));
  }
  const auto token = parser.value("an address");
  if (!token) return false;
  const auto network = parse_network(parser, *token);
  if (!network) return false;
  if (network->length != 8 * network->address.size()) {
    return parser.error(token->at, "a rule redirects what goes to an address, not to a network");
  }
  rule.to.push_back({network->address, token->at});
  return true;
}

// The operator before a port, empty: none. Two signs that stand apart are read as one.
std::string port_operator(Parser& parser) {
  for (const char first : {'!', '<', '>', '='}) {
    if (!parser.accept(first)) continue;
    std::string out(1, first);
    for (const char second : {'=', '<', '>'}) {
      if (parser.accept(second)) return out + second;
    }
    return out;
  }
  return "";
}

// "80", "80:90", "http:https"
bool parse_port_value(Parser& parser, ast::Ports& out) {
  const auto token = parser.value("a port");
  if (!token) return false;
  const auto colon = token->text.find(':');
  const auto first = port_named(parser, *token, std::string_view(token->text).substr(0, colon));
  if (!first) return false;
  out.first = *first;
  if (colon == std::string::npos) return true;
  const auto last = port_named(parser, *token, std::string_view(token->text).substr(colon + 1));
  if (!last) return false;
  if (*last < *first) return parser.error(token->at, "the range of ports " + quoted(*token) + " ends before it begins");
  if (*last != *first) out.last = *last;
  return true;
}

// From "operator port" to the ports that it means, where they are one range.
bool apply_operator(Parser& parser, const std::string& sign, ast::Ports& ports) {
  if (sign == "=") return true;
  const std::uint32_t port = ports.first;
  std::uint32_t first = 1, last = 65535;
  if (sign == "<") last = port - 1;
  if (sign == "<=") last = port;
  if (sign == ">") first = port + 1;
  if (sign == ">=") first = port;
  if (sign != "<" && sign != "<=" && sign != ">" && sign != ">=") {
    return parser.error(ports.at, "ports with '" + sign + "' are more than one range: write a rule for each");
  }
  if (first > last) return parser.error(ports.at, "no port is '" + sign + " " + std::to_string(port) + "'");
  ports.first = static_cast<std::uint16_t>(first);
  ports.last = static_cast<std::uint16_t>(first == last ? 0 : last);
  return true;
}

bool parse_ports(Parser& parser, ast::Rule& rule) {
  ast::Ports ports{.at = parser.peek().at};
  const std::string sign = port_operator(parser);
  if (!parse_port_value(parser, ports)) return false;
  if (!sign.empty()) {
    if (ports.last != 0) return parser.error(ports.at, "a range of ports takes no operator");
    if (!apply_operator(parser, sign, ports)) return false;
  }
  if (const std::string between = port_operator(parser); !between.empty()) {
    ast::Ports end;
    if (!parse_port_value(parser, end)) return false;
    if (between != "><" || !sign.empty() || ports.last != 0 || end.last != 0) {
      return parser.error(ports.at, "ports with '" + between + "' are more than one range: write a rule for each");
    }
    if (end.first - ports.first < 2) return parser.error(ports.at, "no port is between the two");
    ports.first++;
    if (ports.first != end.first - 1) ports.last = static_cast<std::uint16_t>(end.first - 1);
  }
  rule.ports.push_back(ports);
  return true;
}

bool parse_from(Parser& parser, ast::Rule& rule) {
  if (!parser.list([&] { return parse_source(parser, rule); })) return false;
  if (!parser.peek().is_word("port")) return true;
  return parser.error(parser.peek().at, "the source's port is not looked at here");
}

bool parse_to(Parser& parser, ast::Rule& rule) {
  if (!parser.list([&] { return parse_destination(parser, rule); })) return false;
  return !parser.accept("port") || parser.list([&] { return parse_ports(parser, rule); });
}

}  // namespace

std::optional<std::uint16_t> port_named(Parser& parser, const Token& token, std::string_view text) {
  if (const auto port = parse_number<std::uint16_t>(text, 1, 65535)) return port;
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!number && !text.empty()) {
    if (const auto port = parser.options().surroundings.service(std::string(text))) return port;
  }
  const std::string name = "port '" + printable(text, 64) + "'";
  parser.error(token.at,
               name + (number ? " is not from 1 to 65535" : " is neither a number nor a name of services(5)"));
  return std::nullopt;
}

std::optional<Network> parse_network(Parser& parser, const Token& token) {
  const auto network = network_of(token.text);
  if (network) return *network;
  const bool name = std::isdigit(static_cast<unsigned char>(token.text[0])) == 0 && !token.text.contains(':');
  parser.error(token.at, network.error().text + (name ? ": names are not looked up" : ""));
  return std::nullopt;
}

bool parse_match(Parser& parser, ast::Rule& rule) {
  if (parser.accept("on") && !parser.list([&] { return parse_interface(parser, rule); })) return false;
  const Position at = parser.peek().at;
  if (parser.accept("inet")) rule.family = At<Family>{Family::Inet, at};
  if (!rule.family && parser.accept("inet6")) rule.family = At<Family>{Family::Inet6, at};
  if (parser.accept("proto") && !parser.list([&] { return parse_proto(parser, rule); })) return false;
  const Token hosts = parser.peek();
  if (parser.accept("from") && !parse_from(parser, rule)) return false;
  if (parser.accept("to")) return parse_to(parser, rule);
  return parser.error(hosts.at, "a rule names the address that it redirects: 'to', not " + quoted(parser.peek()));
}

}  // namespace hcd::fastpath::pfconf
