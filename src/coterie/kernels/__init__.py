"""The inner loops: arrays in, arrays out; compiled where a compiler was, else plain NumPy and SciPy.

Each kernel is one file here (its promise and checks), one in `native` (C++) and one in `_plain` (its twin).
"""

from coterie.kernels.backend import compiled, using
from coterie.kernels.gap_and_width import gap_and_width
from coterie.kernels.leaves import leaves
from coterie.kernels.linkage import weighted_linkage
from coterie.kernels.nearest import nearest
from coterie.kernels.neighbors import neighbors
from coterie.kernels.silhouette import silhouette
from coterie.kernels.ward import ward

__all__ = [
    "compiled",
    "gap_and_width",
    "leaves",
    "nearest",
    "neighbors",
    "silhouette",
    "using",
    "ward",
    "weighted_linkage",
]
