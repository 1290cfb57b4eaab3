// How a long loop stays in touch: it tells how far it is and stops for Ctrl-C or for a callback that raises.
#pragma once

#include <cstddef>

#include <nanobind/nanobind.h>

namespace coterie {

namespace nb = nanobind;

// Made while the GIL is held; `beat` is called between slabs of work by the thread that was called from Python,
// outside parallel regions, with the GIL released.
class Watch {
 public:
  explicit Watch(nb::object progress) : progress_(std::move(progress)) {}

  void beat(double done_share) const {
    nb::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (!progress_.is_none()) progress_(done_share);
  }

 private:
  nb::object progress_;
};

}  // namespace coterie
