// Every kernel file adds its functions to the module by one of these.
#pragma once

#include <nanobind/nanobind.h>

namespace coterie {

void bind_lloyd(nanobind::module_& module);
void bind_mixture(nanobind::module_& module);
void bind_neighbors(nanobind::module_& module);

}  // namespace coterie
