// The compiled module: nothing but the kernels, one a file.
#include "counts.h"
#include "kernels.h"

namespace {

// What was counted since the last call, by name.
nanobind::dict take_counts() {
  nanobind::dict taken;
  taken["ward_rounds"] = coterie::counts.ward_rounds.exchange(0);
  taken["ward_searches"] = coterie::counts.ward_searches.exchange(0);
  taken["dbscan_distances"] = coterie::counts.dbscan_distances.exchange(0);
  taken["neighbors_distances"] = coterie::counts.neighbors_distances.exchange(0);
  return taken;
}

}  // namespace

NB_MODULE(_native, module) {
  coterie::bind_condensed_tree(module);
  coterie::bind_dbscan(module);
  coterie::bind_dispersion(module);
  coterie::bind_distance_sums(module);
  coterie::bind_gap_and_width(module);
  coterie::bind_genie_linkage(module);
  coterie::bind_leaves(module);
  coterie::bind_lloyd(module);
  coterie::bind_mixture(module);
  coterie::bind_near_order(module);
  coterie::bind_nearest(module);
  coterie::bind_neighbors(module);
  coterie::bind_spanning_tree(module);
  coterie::bind_ward(module);
  module.def("_take_counts", &take_counts);
}
