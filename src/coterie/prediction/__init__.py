"""Per-customer forecasts: orders, spend, lifetime value, churn, products.

Lifetime: `histories` are the rows purchase models are fitted on; `family` is what these share, `bgnbd`,
`mbgnbd` and `paretonbd` they are, `past_rate` the plain baseline, `gammagamma` the value of an order.
`buying` chooses among them for one shop, `spread` says how far they may miss, `past` tests them on the
shop's own past, `calibration` makes their chances come true, `forecasting` puts all into the forecast of
`expectations`; `saving` keeps that in files; `ltv` makes a feature of the lifetime value.

Products: `bought` counts who bought what, `ease` learns what goes together, `product_scores` ranks,
`product_check` tests the ranking on held-out weeks, `products` recommends; `due`, `product_reasons` and
`product_segments` say when, why and to whom; `lift` compares a segment with all; `baskets` has rules.

Churn where a column says who left: `churn_label` reads it and finds what gives it away, `churn_model` learns,
`churn_drivers` says why, `churn` puts it together.
"""

from coterie.prediction.baskets import basket_rules
from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.churn import ChurnForecast, ChurnTest, fit_churn
from coterie.prediction.expectations import Forecast, ForecastScores, ForecastTest
from coterie.prediction.forecasting import HIGH_RISK, LOW_RISK, SMALL_SHOP, forecast
from coterie.prediction.gammagamma import GammaGamma
from coterie.prediction.ltv import LTV, fit_lifetime, with_ltv, with_same_ltv
from coterie.prediction.mbgnbd import ModifiedBetaGeoNBD
from coterie.prediction.paretonbd import ParetoNBD
from coterie.prediction.product_check import ProductTest, check_products
from coterie.prediction.products import ProductForecast, recommend_products
from coterie.prediction.saving import ROWS_FOUND_TOGETHER, load_forecast, past_test_to_json, save_forecast

__all__ = [
    "HIGH_RISK",
    "LOW_RISK",
    "LTV",
    "ROWS_FOUND_TOGETHER",
    "SMALL_SHOP",
    "BetaGeoNBD",
    "ChurnForecast",
    "ChurnTest",
    "Forecast",
    "ForecastScores",
    "ForecastTest",
    "GammaGamma",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "ProductForecast",
    "ProductTest",
    "basket_rules",
    "check_products",
    "fit_churn",
    "fit_lifetime",
    "forecast",
    "load_forecast",
    "past_test_to_json",
    "recommend_products",
    "save_forecast",
    "with_ltv",
    "with_same_ltv",
]
