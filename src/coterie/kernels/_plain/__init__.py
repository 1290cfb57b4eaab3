"""The kernels in NumPy and SciPy: the same promises as the compiled ones, for machines without a compiler."""

from coterie.kernels._plain.condensed_tree import condensed_tree
from coterie.kernels._plain.dbscan import dbscan
from coterie.kernels._plain.dispersion import dispersion
from coterie.kernels._plain.distance_sums import distance_sums
from coterie.kernels._plain.gap_and_width import gap_and_width
from coterie.kernels._plain.genie_linkage import genie_linkage
from coterie.kernels._plain.leaves import leaves
from coterie.kernels._plain.lloyd import lloyd, nearest_center, spread_seeds
from coterie.kernels._plain.mixture import mixture_labels, mixture_logs, mixture_step
from coterie.kernels._plain.near_order import near_order
from coterie.kernels._plain.nearest import nearest
from coterie.kernels._plain.neighbors import neighbors
from coterie.kernels._plain.spanning_tree import spanning_tree
from coterie.kernels._plain.ward import ward

__all__ = [
    "condensed_tree",
    "dbscan",
    "dispersion",
    "distance_sums",
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
    "spanning_tree",
    "spread_seeds",
    "ward",
]
