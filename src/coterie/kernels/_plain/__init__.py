"""The kernels in NumPy and SciPy: the same promises as the compiled ones, for machines without a compiler."""

from coterie.kernels._plain.lloyd import lloyd, nearest_center, spread_seeds
from coterie.kernels._plain.mixture import mixture_labels, mixture_logs, mixture_step
from coterie.kernels._plain.neighbors import neighbors

__all__ = [
    "lloyd",
    "mixture_labels",
    "mixture_logs",
    "mixture_step",
    "nearest_center",
    "neighbors",
    "spread_seeds",
]
