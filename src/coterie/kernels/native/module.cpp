// The compiled module: nothing but the kernels, one a file.
#include "kernels.h"

NB_MODULE(_native, module) {
  coterie::bind_lloyd(module);
  coterie::bind_mixture(module);
  coterie::bind_neighbors(module);
}
