// The nearest of a few centres, Lloyd's iterations over them, and seeds for them.
//
// Idea: rows are turned on their side; distances of sixteen rows to one centre are added up together, and the pass that finds the nearest centre also adds up what the next centres are the means of. A centre that nobody is
// nearest to moves to the row that is farthest from its own. Seeds: k-means++, each the best of a few draws.
// Cost: O(n k d) a pass; little memory, but for seeds O(n d).
// Source: Lloyd (1982), Least squares quantization in PCM, IEEE TIT 28(2); Arthur, Vassilvitskii (2007), k-means++: the
// advantages of careful seeding, SODA.
#include <algorithm>
#include <limits>
#include <numeric>
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

constexpr std::size_t TOGETHER = 4;  // groups that share one read of a centre
constexpr double FAR_AWAY = std::numeric_limits<double>::max();

struct Centers {
  const double* at;
  std::size_t k, d;
};

// Squared distance of the rows of TOGETHER groups to one centre, added up column by column.
COTERIE_INLINE void squared_to(const double* center, std::size_t d, const Lanes* rows, Lanes* squared) {
  for (std::size_t g = 0; g < TOGETHER; ++g) squared[g] = Lanes{};
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t g = 0; g < TOGETHER; ++g) {
      const Lanes gap = rows[j * GROUPS + g] - center[j];
      squared[g] += gap * gap;
    }
}

struct Found {
  std::int32_t* labels;
  double* squared;  // may be null
};

// The nearest centre of the rows first..last - 1, which are one block; of two equally near the first.
COTERIE_INLINE double place_block(const Centers& centers, const Lanes* rows, const double* weights, std::size_t first,
                                  std::size_t last, const Found& found) {
  double inertia = 0;
  for (std::size_t g = 0; g < GROUPS && first + g * WIDTH < last; g += TOGETHER) {
    Lanes nearest[TOGETHER], squared[TOGETHER];
    Wholes label[TOGETHER] = {};
    squared_to(centers.at, centers.d, rows + g, nearest);
    for (std::size_t c = 1; c < centers.k; ++c) {
      squared_to(centers.at + c * centers.d, centers.d, rows + g, squared);
      for (std::size_t i = 0; i < TOGETHER; ++i) {
        label[i] = squared[i] < nearest[i] ? Wholes{} + static_cast<std::int64_t>(c) : label[i];
        nearest[i] = squared[i] < nearest[i] ? squared[i] : nearest[i];
      }
    }
    for (std::size_t i = 0; i < TOGETHER; ++i)
      for (std::size_t lane = 0; lane < WIDTH; ++lane) {
        const std::size_t row = first + (g + i) * WIDTH + lane;
        if (row >= last) break;
        found.labels[row] = static_cast<std::int32_t>(label[i][lane]);
        if (found.squared) found.squared[row] = nearest[i][lane];
        inertia += weights ? weights[row] * nearest[i][lane] : nearest[i][lane];
      }
  }
  return inertia;
}

struct Table {
  const double* rows;
  const double* weights;  // may be null
  std::size_t n, d;
  double weight(std::size_t row) const { return weights ? weights[row] : 1.0; }
};

constexpr std::size_t MAX_KEPT = 1 << 18;  // numbers on their side that stay in a CPU's own cache

// Rows on their side, block after block: all kept where they are few, else turned anew each time they are read.
class Turned {
 public:
  explicit Turned(const Table& table, bool all_kept = false)
      : table_(table), is_kept_(all_kept || table.n * table.d <= MAX_KEPT),
        kept_(is_kept_ ? (table.n + BLOCK_ROWS - 1) / BLOCK_ROWS * table.d * GROUPS : 0) {
    for (std::size_t row = 0; is_kept_ && row < table.n; row += BLOCK_ROWS)
      turn(table.rows, table.n, table.d, row, kept_.data() + place_of(row));
  }
  COTERIE_INLINE Lanes* block(std::size_t row, Strip& scratch) {
    if (is_kept_) return kept_.data() + place_of(row);
    turn(table_.rows, table_.n, table_.d, row, scratch.data());
    return scratch.data();
  }
  Lanes* kept_block(std::size_t row) { return kept_.data() + place_of(row); }

 private:
  std::size_t place_of(std::size_t row) const { return row / BLOCK_ROWS * table_.d * GROUPS; }
  Table table_;
  bool is_kept_;
  Strip kept_;
};

// Places the rows of a slab and adds up, centre by centre, their weights and weighted columns; then the inertia.
COTERIE_CLONES void pass_slab(const Table& table, Turned& turned, const Centers& centers, std::size_t first,
                              std::size_t last, Strip& block, const Found& found, double* sums) {
  double* counts = sums + centers.k * centers.d;
  double& inertia = counts[centers.k];
  for (std::size_t start = first; start < last; start += BLOCK_ROWS) {
    const std::size_t end = std::min(start + BLOCK_ROWS, last);
    inertia += place_block(centers, turned.block(start, block), table.weights, start, end, found);
    for (std::size_t row = start; row < end; ++row) {
      const auto c = static_cast<std::size_t>(found.labels[row]);
      const double weight = table.weight(row);
      double* sum = sums + c * centers.d;
      for (std::size_t j = 0; j < centers.d; ++j) sum[j] += weight * table.rows[row * centers.d + j];
      counts[c] += weight;
    }
  }
}

COTERIE_CLONES void place_slab(const Table& table, const Centers& centers, std::size_t first, std::size_t last,
                               Strip& block, const Found& found) {
  for (std::size_t start = first; start < last; start += BLOCK_ROWS) {
    turn(table.rows, table.n, table.d, start, block.data());
    place_block(centers, block.data(), nullptr, start, std::min(start + BLOCK_ROWS, last), found);
  }
}

void place(const Table& table, const Centers& centers, const Watch& watch, const Found& found) {
  sum_over_slabs<Strip>(
      table.n, 0, watch, [&] { return Strip(table.d * GROUPS); },
      [&](Strip& block, std::size_t first, std::size_t last, double*) {
        place_slab(table, centers, first, last, block, found);
      });
}

// Rows that lie off their centre, the farthest first, as many as asked for if there are so many.
std::vector<std::size_t> farthest(const Table& table, const std::vector<double>& squared, std::size_t wanted) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.n; ++row)
    if (squared[row] > 0 && table.weight(row) > 0) rows.push_back(row);
  wanted = std::min(wanted, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(wanted), rows.end(),
                    [&](std::size_t a, std::size_t b) {
                      return squared[a] > squared[b] || (squared[a] == squared[b] && a < b);
                    });
  rows.resize(wanted);
  return rows;
}

struct Clusters {
  std::vector<double> centers;
  std::vector<std::int32_t> labels;
  double inertia;  // about the means of the labels
};

class Lloyd {
 public:
  Lloyd(const Table& table, std::vector<double> centers, const Watch& watch)
      : table_(table), turned_(table), watch_(watch), k_(centers.size() / table.d),
        found_{std::move(centers), std::vector<std::int32_t>(table.n), 0.0} {}

  Clusters run(std::size_t max_steps, double tolerance) {
    bool settled = false;
    for (std::size_t step = 1;; ++step) {
      const std::vector<double> sums = pass();
      std::vector<double> next = means(sums);
      const double moved = squared_distance(next, found_.centers);
      found_.inertia = within(sums, next);
      const bool revived = revive(sums, next);
      if ((!revived && (settled || moved == 0.0)) || step > max_steps + k_) break;
      settled = !revived && (moved <= tolerance || step >= max_steps);
      found_.centers = std::move(next);
    }
    return std::move(found_);
  }

 private:
  const double* counts(const std::vector<double>& sums) const { return sums.data() + k_ * table_.d; }
  Centers current() const { return {found_.centers.data(), k_, table_.d}; }

  std::vector<double> pass() {
    const Centers centers = current();
    const Found found{found_.labels.data(), nullptr};
    return sum_over_slabs<Strip>(
        table_.n, k_ * table_.d + k_ + 1, watch_, [&] { return Strip(table_.d * GROUPS); },
        [&](Strip& block, std::size_t first, std::size_t last, double* sums) {
          pass_slab(table_, turned_, centers, first, last, block, found, sums);
        });
  }

  // Means of the clusters; one without rows stays where it was.
  std::vector<double> means(const std::vector<double>& sums) const {
    std::vector<double> next = found_.centers;
    for (std::size_t c = 0; c < k_; ++c)
      if (counts(sums)[c] > 0)
        for (std::size_t j = 0; j < table_.d; ++j) next[c * table_.d + j] = sums[c * table_.d + j] / counts(sums)[c];
    return next;
  }

  // Inertia about the means: that about the old centres less what moving them there saves.
  double within(const std::vector<double>& sums, const std::vector<double>& next) const {
    double inertia = sums.back();
    for (std::size_t c = 0; c < k_; ++c)
      for (std::size_t j = 0; j < table_.d; ++j) {
        const double gap = next[c * table_.d + j] - found_.centers[c * table_.d + j];
        inertia -= counts(sums)[c] * gap * gap;
      }
    return std::max(inertia, 0.0);
  }

  static double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  }

  // Moves centres without rows to the farthest rows; false if there is none, or no row lies off its centre.
  bool revive(const std::vector<double>& sums, std::vector<double>& next) {
    std::vector<std::size_t> empty;
    for (std::size_t c = 0; c < k_; ++c)
      if (!(counts(sums)[c] > 0)) empty.push_back(c);
    if (empty.empty()) return false;
    std::vector<double> squared(table_.n);
    place(table_, current(), watch_, {found_.labels.data(), squared.data()});
    const std::vector<std::size_t> rows = farthest(table_, squared, empty.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(table_.rows + rows[i] * table_.d, table_.d, next.data() + empty[i] * table_.d);
    return !rows.empty();
  }

  Table table_;
  Turned turned_;
  const Watch& watch_;
  std::size_t k_;
  Clusters found_;
};

// What the nearest squared distances of a block would be with one more seed; gives their weighted sum.
COTERIE_CLONES double nearer_of(const double* seed, std::size_t d, const Lanes* rows, const Lanes* weights,
                                const Lanes* nearest, Lanes* with) {
  Lanes potential = Lanes{};
  for (std::size_t g = 0; g < GROUPS; g += TOGETHER) {
    Lanes squared[TOGETHER];
    squared_to(seed, d, rows + g, squared);
    for (std::size_t i = 0; i < TOGETHER; ++i) {
      with[g + i] = nearest[g + i] < squared[i] ? nearest[g + i] : squared[i];
      potential += weights[g + i] * with[g + i];
    }
  }
  return sum_of(potential);
}

// Squared distances to the nearest seed so far, and what they would be with one more.
class Seeds {
 public:
  explicit Seeds(const Table& table)
      : table_(table), turned_(table, true), n_groups_((table.n + BLOCK_ROWS - 1) / BLOCK_ROWS * GROUPS),
        weights_(n_groups_), nearest_(n_groups_), with_(n_groups_), up_to_(table.n) {
    std::fill_n(nearest_.data(), n_groups_, all(FAR_AWAY));
    for (std::size_t g = 0; g < n_groups_; g += GROUPS)
      weigh(table.weights, table.n, g * WIDTH, weights_.data() + g);
  }

  void add(const double* seed) {
    potential_ = potential_with(seed);
    std::swap(nearest_, with_);
    any_ = true;
  }

  // The best of the rows drawn: it leaves the least to the others.
  std::size_t best_of(const double* shares, std::size_t n_shares) {
    add_up();
    std::size_t best = at_share(shares[0]);
    double least = potential_with(table_.rows + best * table_.d);
    for (std::size_t i = 1; i < (any_ ? n_shares : 1); ++i) {
      const std::size_t row = at_share(shares[i]);
      const double potential = potential_with(table_.rows + row * table_.d);
      if (potential < least) best = row, least = potential;
    }
    return best;
  }

 private:
  double potential_with(const double* seed) {
    double potential = 0;
    for (std::size_t g = 0; g < n_groups_; g += GROUPS)
      potential += nearer_of(seed, table_.d, turned_.kept_block(g * WIDTH), weights_.data() + g,
                             nearest_.data() + g, with_.data() + g);
    return potential;
  }

  // Cumulates weight x squared distance over the rows; weight alone where no distance is left.
  void add_up() {
    const bool by_distance = any_ && potential_ > 0;
    double sum = 0;
    for (std::size_t row = 0; row < table_.n; ++row) {
      sum += by_distance ? table_.weight(row) * nearest_[row / WIDTH][row % WIDTH] : table_.weight(row);
      up_to_[row] = sum;
    }
  }

  std::size_t at_share(double share) const {
    const auto found = std::upper_bound(up_to_.begin(), up_to_.end(), share * up_to_.back());
    return std::min(static_cast<std::size_t>(found - up_to_.begin()), table_.n - 1);
  }

  Table table_;
  Turned turned_;
  std::size_t n_groups_;
  Strip weights_, nearest_, with_;
  std::vector<double> up_to_;
  double potential_ = 0;
  bool any_ = false;
};

using Weights = std::optional<Vector<double>>;

Table table_of(const Matrix<double>& X, const Weights& weights) {
  return {X.data(), weights ? weights->data() : nullptr, X.shape(0), X.shape(1)};
}

nb::tuple nearest_center(Matrix<double> X, Matrix<double> centers, nb::object progress) {
  const Watch watch(std::move(progress));
  const Table table = table_of(X, std::nullopt);
  std::vector<std::int32_t> labels(table.n);
  std::vector<double> squared(table.n);
  {
    nb::gil_scoped_release released;
    place(table, {centers.data(), centers.shape(0), table.d}, watch, {labels.data(), squared.data()});
  }
  return nb::make_tuple(to_numpy(std::move(labels)), to_numpy(std::move(squared)));
}

nb::tuple lloyd(Matrix<double> X, Matrix<double> centers, Weights weights, std::size_t max_steps, double tolerance,
                nb::object progress) {
  const Watch watch(std::move(progress));
  const Table table = table_of(X, weights);
  Clusters found;
  {
    nb::gil_scoped_release released;
    found = Lloyd(table, {centers.data(), centers.data() + centers.size()}, watch).run(max_steps, tolerance);
  }
  return nb::make_tuple(to_numpy(std::move(found.centers), table.d), to_numpy(std::move(found.labels)), found.inertia);
}

nb::ndarray<nb::numpy, std::int64_t> spread_seeds(Matrix<double> X, Matrix<double> shares, Matrix<double> centers,
                                                  Weights weights) {
  const Table table = table_of(X, weights);
  std::vector<std::int64_t> rows;
  {
    nb::gil_scoped_release released;
    Seeds seeds(table);
    for (std::size_t c = 0; c < centers.shape(0); ++c) seeds.add(centers.data() + c * table.d);
    for (std::size_t i = 0; i < shares.shape(0); ++i) {
      const std::size_t row = seeds.best_of(shares.data() + i * shares.shape(1), shares.shape(1));
      seeds.add(table.rows + row * table.d);
      rows.push_back(static_cast<std::int64_t>(row));
    }
  }
  return to_numpy(std::move(rows));
}

}  // namespace

void bind_lloyd(nb::module_& module) {
  module.def("nearest_center", &nearest_center, nb::arg("X"), nb::arg("centers"), nb::arg("progress").none());
  module.def("lloyd", &lloyd, nb::arg("X"), nb::arg("centers"), nb::arg("weights").none(), nb::arg("max_steps"),
             nb::arg("tolerance"), nb::arg("progress").none());
  module.def("spread_seeds", &spread_seeds, nb::arg("X"), nb::arg("shares"), nb::arg("centers"),
             nb::arg("weights").none());
}

}  // namespace coterie
