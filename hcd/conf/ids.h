// Ids across a reload: what keeps its name keeps its id, so that what an operator types and a process was told stays
// true.
#pragma once
#include "hcd/conf/config.h"

namespace hcd::conf {

// Gives `fresh` the ids of `running` by name: services, tables (templates too), hosts by table and host. What is new gets
// the lowest ids that neither `running` nor `fresh` uses: an id freed by this reload does not change its meaning with it.
// References and the order of tables follow.
void keep_ids(Config& fresh, const Config& running);

}  // namespace hcd::conf
