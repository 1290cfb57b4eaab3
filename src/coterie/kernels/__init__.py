"""The inner loops: arrays in, arrays out; compiled where a compiler was, else plain NumPy and SciPy.

Each kernel is one file here (its promise and checks), one in `native` (C++) and one in `_plain` (its twin).
"""

from coterie.kernels.backend import using
from coterie.kernels.lloyd import lloyd, nearest_center, spread_seeds
from coterie.kernels.mixture import Components, Moments, mixture_labels, mixture_logs, mixture_step
from coterie.kernels.neighbors import neighbors

__all__ = [
    "Components",
    "Moments",
    "lloyd",
    "mixture_labels",
    "mixture_logs",
    "mixture_step",
    "nearest_center",
    "neighbors",
    "spread_seeds",
    "using",
]
