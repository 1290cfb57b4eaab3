"""The kernels in NumPy and SciPy: the same promises as the compiled ones, for machines without a compiler."""

from coterie.kernels._plain.condensed_tree import condensed_tree
from coterie.kernels._plain.dbscan import dbscan
from coterie.kernels._plain.genie_linkage import genie_linkage
from coterie.kernels._plain.neighbors import neighbors
from coterie.kernels._plain.spanning_tree import spanning_tree

__all__ = ["condensed_tree", "dbscan", "genie_linkage", "neighbors", "spanning_tree"]
