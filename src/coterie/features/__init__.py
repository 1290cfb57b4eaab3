"""Dataset -> FeatureTable; Predicate."""

from coterie.features.backtest import BackTest, back_test
from coterie.features.build import build_features
from coterie.features.frame import feature_table_from_frame
from coterie.features.predicate import Predicate, range_words
from coterie.features.saving import load_features, save_features
from coterie.features.table import FeatureSpec, FeatureTable
from coterie.features.words import counted, label, label_with_unit, open_unit, percent

__all__ = [
    "BackTest",
    "FeatureSpec",
    "FeatureTable",
    "Predicate",
    "back_test",
    "build_features",
    "counted",
    "feature_table_from_frame",
    "label",
    "label_with_unit",
    "load_features",
    "open_unit",
    "percent",
    "range_words",
    "save_features",
]
