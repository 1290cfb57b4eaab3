"""Composes the stages into whole runs; the functions of the library are here."""

from coterie.river.data import as_date, build_features, clean, read
from coterie.river.edits import apply_edits, replay_edits
from coterie.river.forecasts import churn, forecast, recommend
from coterie.river.movement import movement, refit
from coterie.river.quick import quick_look
from coterie.river.results import assign, load_model, profile, report
from coterie.river.segments import ALL_METHODS, compare, segment

__all__ = [
    "ALL_METHODS",
    "apply_edits",
    "as_date",
    "assign",
    "build_features",
    "churn",
    "clean",
    "compare",
    "forecast",
    "load_model",
    "movement",
    "profile",
    "quick_look",
    "read",
    "recommend",
    "refit",
    "replay_edits",
    "report",
    "segment",
]
