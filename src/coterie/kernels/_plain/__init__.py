"""The kernels in NumPy and SciPy: the same promises as the compiled ones, for machines without a compiler."""

from coterie.kernels._plain.distance_sums import distance_sums
from coterie.kernels._plain.gap_and_width import gap_and_width
from coterie.kernels._plain.leaves import leaves
from coterie.kernels._plain.nearest import nearest
from coterie.kernels._plain.neighbors import neighbors
from coterie.kernels._plain.ward import ward

__all__ = ["distance_sums", "gap_and_width", "leaves", "nearest", "neighbors", "ward"]
