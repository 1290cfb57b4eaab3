// The compiled module: nothing but the kernels, one a file.
#include "kernels.h"

NB_MODULE(_native, module) {
  coterie::bind_condensed_tree(module);
  coterie::bind_dbscan(module);
  coterie::bind_distance_sums(module);
  coterie::bind_gap_and_width(module);
  coterie::bind_genie_linkage(module);
  coterie::bind_leaves(module);
  coterie::bind_lloyd(module);
  coterie::bind_mixture(module);
  coterie::bind_nearest(module);
  coterie::bind_neighbors(module);
  coterie::bind_spanning_tree(module);
  coterie::bind_ward(module);
}
