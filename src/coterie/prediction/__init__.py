"""Per-customer forecasts: future orders and lifetime value from how often and how lately people bought.

Map of the folder: `histories` are the rows purchase models are fitted on, `bgnbd` is such a model, `ltv`
makes a feature of it.
"""

from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.ltv import LTV, fit_lifetime, with_ltv, with_same_ltv

__all__ = ["LTV", "BetaGeoNBD", "fit_lifetime", "with_ltv", "with_same_ltv"]
