// A page of text over the rows: the help, or what a command printed.
#include "ui/keys/keys.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {

std::vector<std::string> help_lines() {
  std::vector<std::string> out;
  for (const Group group : {Group::Move, Group::See, Group::Change, Group::Rest}) {
    if (!out.empty()) out.emplace_back();
    out.emplace_back(group_text(group));
    for (const auto& binding : bindings()) {
      if (binding.group != group) continue;
      std::string line = "  " + std::string(binding.shown);
      line.resize(std::max<std::size_t>(line.size() + 1, 12), ' ');
      out.push_back(line + std::string(binding.help));
    }
  }
  return out;
}

void draw_page(Canvas& canvas, const Area& area, const Scene& scene) {
  const Page& page = scene.desk.page;
  canvas.fill(area.x, area.y, area.width, scene.glyphs.across, Role::Line);
  canvas.put(area.x + 2, area.y, " " + page.title + " ", Role::Title, area.width - 4);
  const int rows = area.height - 1, count = static_cast<int>(page.lines.size());
  const int top = std::clamp(page.top, 0, std::max(0, count - rows));
  const std::string hint =
      count > rows ? " " + std::to_string(std::min(top + rows, count)) + "/" + std::to_string(count) + ", Esc: back "
                   : " Esc: back ";
  canvas.put(area.x + area.width - 2 - static_cast<int>(hint.size()), area.y, hint, Role::Dim);
  for (int i = 0; i < rows && top + i < count; i++) {
    const std::string& line = page.lines[static_cast<std::size_t>(top + i)];
    const bool heading = !line.empty() && line[0] != ' ' && scene.desk.mode == Mode::Help;
    canvas.put(area.x, area.y + 1 + i, line, heading ? Role::Title : Role::Text, area.width);
  }
}

}  // namespace hcd::ui
