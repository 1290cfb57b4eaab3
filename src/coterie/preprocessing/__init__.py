"""Dataset -> Dataset, DataQuality."""

from coterie.preprocessing.cleaning import clean
from coterie.preprocessing.columns import column_kind
from coterie.preprocessing.money import exact_sum
from coterie.preprocessing.quality import ColumnQuality, DataQuality, QualityStep, quality_from
from coterie.preprocessing.returns import net_returns

__all__ = [
    "ColumnQuality",
    "DataQuality",
    "QualityStep",
    "clean",
    "column_kind",
    "exact_sum",
    "net_returns",
    "quality_from",
]
