"""Plain tables -> Chart: a picture (seaborn, matplotlib), a sentence that tells it, the figures drawn.

`chart` draws and saves, `style` is the one look (colours, letters, numbers), `scale` makes an axis of a
feature, `cloud` reduces any number of customers to a density and a sample, `interactive` and `points`
make the second drawing, for a page. The rest are the charts.
"""

from coterie.charts.chart import Chart
from coterie.charts.comparison import agreement_map, metric_comparison
from coterie.charts.directions import N_MAPPED, map_coordinates
from coterie.charts.flows import migration_heatmap, segment_flows
from coterie.charts.grid import rfm_grid
from coterie.charts.lift import lift_chart
from coterie.charts.pairs import pair_plot
from coterie.charts.profiles import profile_heatmap, snake_plot
from coterie.charts.qini import qini_curves
from coterie.charts.scatter import cluster_scatter, pca_map
from coterie.charts.shares import sizes_and_revenue
from coterie.charts.space import cluster_map_3d
from coterie.charts.style import segment_style
from coterie.charts.tree import dendrogram

__all__ = [
    "N_MAPPED",
    "Chart",
    "agreement_map",
    "cluster_map_3d",
    "cluster_scatter",
    "dendrogram",
    "lift_chart",
    "map_coordinates",
    "metric_comparison",
    "migration_heatmap",
    "pair_plot",
    "pca_map",
    "profile_heatmap",
    "qini_curves",
    "rfm_grid",
    "segment_flows",
    "segment_style",
    "sizes_and_revenue",
    "snake_plot",
]
