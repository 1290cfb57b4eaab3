// One EM pass over a mixture of Gaussians, and how likely each component is for each row.
//
// Idea: blocks of 256 rows turned on their side; y = W (x - mean) with W the inverse Cholesky factor of the covariance,
// so that the density is exp(constant - |y|^2 / 2); responsibilities by log-sum-exp; counts, sums and products of the
// gaps to the CURRENT mean, which keeps them exact far from zero. The new parameters are worked out in Python.
// Cost: O(n k d^2) for full, O(n k d) for diagonal covariances; O(k d^2) memory a thread.
// Source: Dempster, Laird, Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39(1).
#include <algorithm>
#include <optional>
#include <vector>

#include <nanobind/stl/optional.h>

#include "arrays.h"
#include "blocks.h"
#include "kernels.h"
#include "quads.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::size_t CHUNK = 4;  // rows of W, and of the products, that share one read of a gap

struct Components {
  std::size_t k, d, padded;  // padded: d to the next multiple of CHUNK
  bool full;
  const double *means, *constants;  // k x d; k: log weight + log determinant of W - d/2 log(2 pi)
  std::vector<double> factors;      // full: k x padded x padded, 0 where W has nothing; else k x d

  Components(const Matrix<double>& means_, const double* whitening, bool full_, const double* constants_)
      : k(means_.shape(0)), d(means_.shape(1)), padded((d + CHUNK - 1) / CHUNK * CHUNK), full(full_),
        means(means_.data()), constants(constants_) {
    if (!full) {
      factors.assign(whitening, whitening + k * d);
      return;
    }
    factors.assign(k * padded * padded, 0.0);
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t i = 0; i < d; ++i)
        std::copy_n(whitening + (c * d + i) * d, i + 1, factors.data() + (c * padded + i) * padded);
  }

  std::size_t n_products() const { return full ? padded * padded : d; }
  std::size_t n_moments() const { return 1 + d + n_products(); }  // of one component: count, sums, products
};

struct Scratch {
  Strip rows, gaps, weighted, logs, weights, moments;
  explicit Scratch(const Components& mix)
      : rows(mix.d * GROUPS), gaps(mix.padded * GROUPS), weighted(mix.padded * GROUPS), logs(mix.k * GROUPS),
        weights(GROUPS), moments(mix.k * mix.n_moments() + 2) {}
};

COTERIE_INLINE void find_gaps(const Components& mix, std::size_t c, Scratch& at) {
  for (std::size_t j = 0; j < mix.d; ++j)
    for (std::size_t g = 0; g < GROUPS; ++g)
      at.gaps[j * GROUPS + g] = at.rows[j * GROUPS + g] - mix.means[c * mix.d + j];
}

COTERIE_INLINE Lanes squared_length(const Components& mix, std::size_t c, const Lanes* gap) {
  Lanes squared = Lanes{};
  if (!mix.full) {
    for (std::size_t j = 0; j < mix.d; ++j) {
      const Lanes y = mix.factors[c * mix.d + j] * gap[j * GROUPS];
      squared += y * y;
    }
    return squared;
  }
  for (std::size_t i = 0; i < mix.d; i += CHUNK) {
    const double* factor = mix.factors.data() + (c * mix.padded + i) * mix.padded;
    Lanes y[CHUNK] = {};
    for (std::size_t j = 0; j < std::min(i + CHUNK, mix.d); ++j)
      for (std::size_t row = 0; row < CHUNK; ++row) y[row] += factor[row * mix.padded + j] * gap[j * GROUPS];
    for (std::size_t row = 0; row < CHUNK; ++row) squared += y[row] * y[row];
  }
  return squared;
}

// log(weight x density) of every component for the rows of one block.
COTERIE_INLINE void find_logs(const Components& mix, Scratch& at) {
  for (std::size_t c = 0; c < mix.k; ++c) {
    find_gaps(mix, c, at);
    for (std::size_t g = 0; g < GROUPS; ++g)
      at.logs[c * GROUPS + g] = mix.constants[c] - 0.5 * squared_length(mix, c, at.gaps.data() + g);
  }
}

// Turns logs into weight x responsibility; adds to the log likelihood and to the entropy of the responsibilities.
COTERIE_INLINE void share_out(const Components& mix, Scratch& at, Lanes& likelihood, Lanes& entropy) {
  for (std::size_t g = 0; g < GROUPS; ++g) {
    Lanes highest = at.logs[g];
    for (std::size_t c = 1; c < mix.k; ++c) {
      const Lanes other = at.logs[c * GROUPS + g];
      highest = other > highest ? other : highest;
    }
    Lanes sum = Lanes{}, weighted_log = Lanes{};
    for (std::size_t c = 0; c < mix.k; ++c) {
      const Lanes below = at.logs[c * GROUPS + g] - highest, share = exp_of_negative(below);
      sum += share;
      weighted_log += share > 0.0 ? share * below : Lanes{};
      at.logs[c * GROUPS + g] = share;
    }
    const Lanes log_sum = log_of_one_or_more(sum), scale = at.weights[g] / sum;
    for (std::size_t c = 0; c < mix.k; ++c) at.logs[c * GROUPS + g] *= scale;
    likelihood += at.weights[g] * (highest + log_sum);
    entropy += at.weights[g] * log_sum - scale * weighted_log;
  }
}

// Adds the products of one row of `weighted` with CHUNK rows of gaps.
COTERIE_INLINE void add_products(const Lanes* weighted, const Lanes* gaps, Lanes* products) {
  Lanes sum[CHUNK];
  for (std::size_t j = 0; j < CHUNK; ++j) sum[j] = products[j];
  for (std::size_t g = 0; g < GROUPS; ++g)
    for (std::size_t j = 0; j < CHUNK; ++j) sum[j] += weighted[g] * gaps[j * GROUPS + g];
  for (std::size_t j = 0; j < CHUNK; ++j) products[j] = sum[j];
}

COTERIE_INLINE void add_moments(const Components& mix, std::size_t c, Scratch& at) {
  Lanes* moments = at.moments.data() + c * mix.n_moments();
  Lanes* products = moments + 1 + mix.d;
  const Lanes* share = at.logs.data() + c * GROUPS;
  find_gaps(mix, c, at);
  for (std::size_t g = 0; g < GROUPS; ++g) moments[0] += share[g];
  for (std::size_t i = 0; i < mix.d; ++i) {
    Lanes sum = moments[1 + i];
    Lanes square = mix.full ? Lanes{} : products[i];
    for (std::size_t g = 0; g < GROUPS; ++g) {
      const Lanes weighted = share[g] * at.gaps[i * GROUPS + g];
      at.weighted[i * GROUPS + g] = weighted;
      sum += weighted;
      if (!mix.full) square += weighted * at.gaps[i * GROUPS + g];
    }
    moments[1 + i] = sum;
    if (!mix.full) products[i] = square;
  }
  if (!mix.full) return;
  for (std::size_t i = 0; i < mix.d; ++i)
    for (std::size_t j = 0; j <= i; j += CHUNK)
      add_products(at.weighted.data() + i * GROUPS, at.gaps.data() + j * GROUPS, products + i * mix.padded + j);
}

struct Table {
  const double* rows;
  const double* weights;  // may be null
  std::size_t n;
};

COTERIE_CLONES void step_slab(const Components& mix, const Table& table, std::size_t first, std::size_t last,
                              Scratch& at, double* sums) {
  at.moments.clear();
  Lanes likelihood = Lanes{}, entropy = Lanes{};
  for (std::size_t row = first; row < last; row += BLOCK_ROWS) {
    turn(table.rows, table.n, mix.d, row, at.rows.data());
    weigh(table.weights, table.n, row, at.weights.data());
    find_logs(mix, at);
    share_out(mix, at, likelihood, entropy);
    for (std::size_t c = 0; c < mix.k; ++c) add_moments(mix, c, at);
  }
  const std::size_t n_moments = mix.k * mix.n_moments();
  for (std::size_t i = 0; i < n_moments; ++i) sums[i] = sum_of(at.moments[i]);
  sums[n_moments] = sum_of(likelihood);
  sums[n_moments + 1] = sum_of(entropy);
}

COTERIE_CLONES void logs_of_slab(const Components& mix, const Table& table, std::size_t first, std::size_t last,
                                 Scratch& at, double* out) {
  for (std::size_t row = first; row < last; row += BLOCK_ROWS) {
    turn(table.rows, table.n, mix.d, row, at.rows.data());
    find_logs(mix, at);
    for (std::size_t i = 0; i < std::min(BLOCK_ROWS, last - row); ++i)
      for (std::size_t c = 0; c < mix.k; ++c)
        out[(row + i) * mix.k + c] = at.logs[c * GROUPS + i / WIDTH][i % WIDTH];
  }
}

COTERIE_CLONES void labels_of_slab(const Components& mix, const Table& table, std::size_t first, std::size_t last,
                                   Scratch& at, std::int32_t* out) {
  for (std::size_t row = first; row < last; row += BLOCK_ROWS) {
    turn(table.rows, table.n, mix.d, row, at.rows.data());
    find_logs(mix, at);
    for (std::size_t g = 0; g < GROUPS; ++g) {
      Lanes highest = at.logs[g];
      Wholes label = Wholes{};
      for (std::size_t c = 1; c < mix.k; ++c) {
        const Lanes other = at.logs[c * GROUPS + g];
        label = other > highest ? Wholes{} + static_cast<std::int64_t>(c) : label;
        highest = other > highest ? other : highest;
      }
      for (std::size_t lane = 0; lane < WIDTH && row + g * WIDTH + lane < last; ++lane)
        out[row + g * WIDTH + lane] = static_cast<std::int32_t>(label[lane]);
    }
  }
}

using Whitening = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;  // (k, d, d) or (k, d)

// The moments of every component in the order of Python's arrays.
nb::tuple as_arrays(const Components& mix, const std::vector<double>& total) {
  std::vector<double> counts, sums, products;
  for (std::size_t c = 0; c < mix.k; ++c) {
    const double* moments = total.data() + c * mix.n_moments();
    counts.push_back(moments[0]);
    sums.insert(sums.end(), moments + 1, moments + 1 + mix.d);
    const double* found = moments + 1 + mix.d;
    for (std::size_t i = 0; i < mix.d; ++i) {
      if (!mix.full) products.push_back(found[i]);
      for (std::size_t j = 0; mix.full && j < mix.d; ++j)
        products.push_back(found[std::max(i, j) * mix.padded + std::min(i, j)]);
    }
  }
  const double likelihood = total[total.size() - 2], entropy = total[total.size() - 1];
  return nb::make_tuple(to_numpy(std::move(counts)), to_numpy(std::move(sums), mix.d),
                        to_numpy(std::move(products), mix.d), likelihood, entropy);
}

nb::tuple mixture_step(Matrix<double> X, Matrix<double> means, Whitening whitening, Vector<double> constants,
                       std::optional<Vector<double>> weights, nb::object progress) {
  const Watch watch(std::move(progress));
  const Components mix(means, whitening.data(), whitening.ndim() == 3, constants.data());
  const Table table{X.data(), weights ? weights->data() : nullptr, X.shape(0)};
  std::vector<double> total;
  {
    nb::gil_scoped_release released;
    total = sum_over_slabs<Scratch>(
        table.n, mix.k * mix.n_moments() + 2, watch, [&] { return Scratch(mix); },
        [&](Scratch& at, std::size_t first, std::size_t last, double* sums) {
          step_slab(mix, table, first, last, at, sums);
        });
  }
  return as_arrays(mix, total);
}

nb::ndarray<nb::numpy, double> mixture_logs(Matrix<double> X, Matrix<double> means, Whitening whitening,
                                            Vector<double> constants, nb::object progress) {
  const Watch watch(std::move(progress));
  const Components mix(means, whitening.data(), whitening.ndim() == 3, constants.data());
  const Table table{X.data(), nullptr, X.shape(0)};
  std::vector<double> logs(table.n * mix.k);
  {
    nb::gil_scoped_release released;
    sum_over_slabs<Scratch>(
        table.n, 0, watch, [&] { return Scratch(mix); },
        [&](Scratch& at, std::size_t first, std::size_t last, double*) {
          logs_of_slab(mix, table, first, last, at, logs.data());
        });
  }
  return to_numpy(std::move(logs), mix.k);
}

nb::ndarray<nb::numpy, std::int32_t> mixture_labels(Matrix<double> X, Matrix<double> means, Whitening whitening,
                                                    Vector<double> constants, nb::object progress) {
  const Watch watch(std::move(progress));
  const Components mix(means, whitening.data(), whitening.ndim() == 3, constants.data());
  const Table table{X.data(), nullptr, X.shape(0)};
  std::vector<std::int32_t> labels(table.n);
  {
    nb::gil_scoped_release released;
    sum_over_slabs<Scratch>(
        table.n, 0, watch, [&] { return Scratch(mix); },
        [&](Scratch& at, std::size_t first, std::size_t last, double*) {
          labels_of_slab(mix, table, first, last, at, labels.data());
        });
  }
  return to_numpy(std::move(labels));
}

}  // namespace

void bind_mixture(nb::module_& module) {
  module.def("mixture_step", &mixture_step, nb::arg("X"), nb::arg("means"), nb::arg("whitening"),
             nb::arg("constants"), nb::arg("weights").none(), nb::arg("progress").none());
  module.def("mixture_logs", &mixture_logs, nb::arg("X"), nb::arg("means"), nb::arg("whitening"),
             nb::arg("constants"), nb::arg("progress").none());
  module.def("mixture_labels", &mixture_labels, nb::arg("X"), nb::arg("means"), nb::arg("whitening"),
             nb::arg("constants"), nb::arg("progress").none());
}

}  // namespace coterie
