// hctop's command line.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"

namespace hcd::ui {

struct Options {
  std::vector<std::string> sockets;          // tried in this order where the one before may not be opened
  bool read_only = false;                    // -R
  bool batch = false;                        // -b
  unsigned frames = 0;                       // -n; 0: without end
  unsigned tenths = 10;                      // -d: of a second between two frames
  int width = 80;                            // -W, of a batch
  std::optional<std::pair<int, int>> frame;  // --frame WxH
  std::string replay, record;                // files
  std::string theme = "auto", symbols = "auto";
  std::string filter, view, sort;
  bool no_colour = false;  // -C
  bool ascii = false;      // -U
  bool colours = false;    // --colour: of a batch or a frame too
  bool problems = false;   // -Z
  bool help = false, version = false;
};

[[nodiscard]] Result<Options> read_options(const std::vector<std::string_view>& arguments);  // [0] is the program
[[nodiscard]] std::string usage();

}  // namespace hcd::ui
