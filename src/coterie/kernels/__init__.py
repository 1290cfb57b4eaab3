"""The inner loops: arrays in, arrays out; compiled where a compiler was, else plain NumPy and SciPy.

Each kernel is one file here (its promise and checks), one in `native` (C++) and one in `_plain` (its twin).
"""

from coterie.kernels.backend import compiled, using
from coterie.kernels.condensed_tree import condensed_tree
from coterie.kernels.dbscan import dbscan
from coterie.kernels.dispersion import Dispersion, dispersion
from coterie.kernels.gap_and_width import gap_and_width
from coterie.kernels.genie_linkage import genie_linkage
from coterie.kernels.leaves import leaves
from coterie.kernels.linkage import weighted_linkage
from coterie.kernels.lloyd import lloyd, nearest_center, spread_seeds
from coterie.kernels.mixture import Components, Moments, mixture_labels, mixture_logs, mixture_step
from coterie.kernels.near_order import near_order
from coterie.kernels.nearest import nearest
from coterie.kernels.neighbors import neighbors
from coterie.kernels.silhouette import silhouette
from coterie.kernels.spanning_tree import spanning_tree
from coterie.kernels.ward import ward

__all__ = [
    "Components",
    "Dispersion",
    "Moments",
    "compiled",
    "condensed_tree",
    "dbscan",
    "dispersion",
    "gap_and_width",
    "genie_linkage",
    "leaves",
    "lloyd",
    "mixture_labels",
    "mixture_logs",
    "mixture_step",
    "near_order",
    "nearest",
    "nearest_center",
    "neighbors",
    "silhouette",
    "spanning_tree",
    "spread_seeds",
    "using",
    "ward",
    "weighted_linkage",
]
