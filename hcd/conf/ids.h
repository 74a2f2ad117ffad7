// Ids across a reload: what keeps its name keeps its id, so that what an operator types and a process was told stays
// true.
#pragma once
#include "hcd/conf/config.h"

namespace hcd::conf {

// Gives `fresh` the ids of `running` by name: services, tables (templates too), hosts by table and host. What is new gets
// the lowest ids that neither `running` nor `fresh` uses: an id freed by this reload does not change its meaning with it.
// A host by name has its id with its address; the first address that a name gets takes over the id that the name had
// without one. References and the order of tables follow.
void keep_ids(Config& fresh, const Config& running);

}  // namespace hcd::conf
