"""Reports and exports: what leaves Coterie as files."""

from coterie.delivery.export import customers_frame, members_frame, rejected_frame, write_members
from coterie.delivery.figures import draw_charts, draw_map_3d, draw_maps
from coterie.delivery.movement import movement_charts, named_matrix, summarise_drift, summarise_movement
from coterie.delivery.printing import feature_labels, printed_table
from coterie.delivery.result import (
    refuse_foreign_folder,
    write_charts,
    write_comparison,
    write_report,
    write_result,
)
from coterie.delivery.summary import read_scores, summarise, summarise_comparison, summary_schema
from coterie.store import csv_text, harmless, write_csv

__all__ = [
    "csv_text",
    "customers_frame",
    "draw_charts",
    "draw_map_3d",
    "draw_maps",
    "feature_labels",
    "harmless",
    "members_frame",
    "movement_charts",
    "named_matrix",
    "printed_table",
    "read_scores",
    "refuse_foreign_folder",
    "rejected_frame",
    "summarise",
    "summarise_comparison",
    "summarise_drift",
    "summarise_movement",
    "summary_schema",
    "write_charts",
    "write_comparison",
    "write_csv",
    "write_members",
    "write_report",
    "write_result",
]
