// The compiled module: nothing but the kernels, one a file.
#include "kernels.h"

NB_MODULE(_native, module) {
  coterie::bind_condensed_tree(module);
  coterie::bind_dbscan(module);
  coterie::bind_genie_linkage(module);
  coterie::bind_neighbors(module);
  coterie::bind_spanning_tree(module);
}
