// Frames for who is no terminal: of a recording, one; of a daemon, as many as are wanted.
#pragma once
#include <cstdio>

#include "ui/app/feed.h"
#include "ui/app/options.h"
#include "ui/theme/theme.h"

namespace hcd::ui {

// The last frame of a recording, at the time of its last moment.
[[nodiscard]] std::string frame_of(Desk& desk, const std::vector<Moment>& moments, int width, int height,
                                   const Look& look, bool colours);

// Prints frames until there have been enough, or the daemon is lost for good: 0, or hcctl's 3 without a daemon.
[[nodiscard]] int run_batch(event::Loop& loop, const Options& options, const Look& look, Desk& desk, std::FILE* out);

}  // namespace hcd::ui
