// Every kernel file adds its functions to the module by one of these.
#pragma once

#include <nanobind/nanobind.h>

namespace coterie {

void bind_condensed_tree(nanobind::module_& module);
void bind_dbscan(nanobind::module_& module);
void bind_dispersion(nanobind::module_& module);
void bind_distance_sums(nanobind::module_& module);
void bind_gap_and_width(nanobind::module_& module);
void bind_genie_linkage(nanobind::module_& module);
void bind_leaves(nanobind::module_& module);
void bind_lloyd(nanobind::module_& module);
void bind_mixture(nanobind::module_& module);
void bind_near_order(nanobind::module_& module);
void bind_nearest(nanobind::module_& module);
void bind_neighbors(nanobind::module_& module);
void bind_spanning_tree(nanobind::module_& module);
void bind_ward(nanobind::module_& module);

}  // namespace coterie
