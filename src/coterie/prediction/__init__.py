"""Per-customer forecasts: orders, spend, lifetime value, churn, from how often and how lately people bought.

Map of the folder: `histories` are the rows purchase models are fitted on; `family` is what these share,
`bgnbd`, `mbgnbd` and `paretonbd` they are, `past_rate` the plain baseline, `gammagamma` the value of an
order. `buying` chooses among them for one shop, `spread` says how far they may miss, `past` tests them on
the shop's own past, `calibration` makes their chances come true, `forecasting` puts all into a `forecast`;
`ltv` makes a feature of the lifetime value.
"""

from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.forecast import Forecast, ForecastScores, ForecastTest
from coterie.prediction.forecasting import forecast
from coterie.prediction.gammagamma import GammaGamma
from coterie.prediction.ltv import LTV, fit_lifetime, with_ltv, with_same_ltv
from coterie.prediction.mbgnbd import ModifiedBetaGeoNBD
from coterie.prediction.paretonbd import ParetoNBD

__all__ = [
    "LTV",
    "BetaGeoNBD",
    "Forecast",
    "ForecastScores",
    "ForecastTest",
    "GammaGamma",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "fit_lifetime",
    "forecast",
    "with_ltv",
    "with_same_ltv",
]
