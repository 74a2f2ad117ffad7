#include "fastpath/pf/ask.h"

#include "fastpath/base/text.h"

namespace hcd::fastpath::pf {

Result<PfctlOutput> run(Pfctl& pfctl, const std::vector<std::string>& arguments, const std::string& input) {
  auto output = pfctl.run(arguments, input);
  if (!output || output->status == 0) return output;
  const std::string_view said = trim(output->err);
  const std::string why = said.empty() ? "exit status " + std::to_string(output->status) : printable(said);
  return fail(Code::System, "pfctl " + join(arguments, " ") + ": " + why);
}

Result<std::string> ask(Pfctl& pfctl, const std::vector<std::string>& arguments, const std::string& input) {
  auto output = run(pfctl, arguments, input);
  if (!output) return std::unexpected(output.error());
  return std::move(output->out);
}

}  // namespace hcd::fastpath::pf
