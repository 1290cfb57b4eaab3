"""Plain tables -> Chart: a picture (seaborn, matplotlib), a sentence that tells it, the figures drawn.

`chart` draws and saves, `style` is the one look (colours, letters, numbers), `scale` makes an axis of a
feature, `cloud` reduces any number of customers to a density and a sample. The rest are the charts.
"""

from coterie.charts.chart import Chart
from coterie.charts.comparison import agreement_map, metric_comparison
from coterie.charts.grid import rfm_grid
from coterie.charts.pairs import pair_plot
from coterie.charts.profiles import profile_heatmap, snake_plot
from coterie.charts.scatter import cluster_scatter, pca_map
from coterie.charts.shares import sizes_and_revenue
from coterie.charts.style import segment_style
from coterie.charts.tree import dendrogram

__all__ = [
    "Chart",
    "agreement_map",
    "cluster_scatter",
    "dendrogram",
    "metric_comparison",
    "pair_plot",
    "pca_map",
    "profile_heatmap",
    "rfm_grid",
    "segment_style",
    "sizes_and_revenue",
    "snake_plot",
]
