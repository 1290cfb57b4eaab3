"""The inner loops: arrays in, arrays out; compiled where a compiler was, else plain NumPy and SciPy.

Each kernel is one file here (its promise and checks), one in `native` (C++) and one in `_plain` (its twin).
"""

from coterie.kernels.backend import using
from coterie.kernels.condensed_tree import condensed_tree
from coterie.kernels.dbscan import dbscan
from coterie.kernels.genie_linkage import genie_linkage
from coterie.kernels.neighbors import neighbors
from coterie.kernels.spanning_tree import spanning_tree

__all__ = ["condensed_tree", "dbscan", "genie_linkage", "neighbors", "spanning_tree", "using"]
