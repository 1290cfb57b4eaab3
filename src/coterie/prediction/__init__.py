"""Per-customer forecasts: future orders and lifetime value from how often and how lately people bought.

Map of the folder: `histories` are the rows purchase models are fitted on, `bgnbd` is such a model, `ltv`
makes a feature of it.

Products: `bought` counts who bought what, `ease` learns what goes together, `product_scores` ranks,
`product_check` tests the ranking on held-out weeks, `products` recommends; `due`, `product_reasons` and
`product_segments` say when, why and to whom; `lift` compares a segment with all; `baskets` has rules.

Churn where a column says who left: `churn_label` reads it and finds what gives it away, `churn_model` learns,
`churn_drivers` says why, `churn` puts it together.
"""

from coterie.prediction.baskets import basket_rules
from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.churn import ChurnForecast, ChurnTest, fit_churn
from coterie.prediction.ltv import LTV, fit_lifetime, with_ltv, with_same_ltv
from coterie.prediction.product_check import ProductTest, check_products
from coterie.prediction.products import ProductForecast, recommend_products

__all__ = [
    "LTV",
    "BetaGeoNBD",
    "ChurnForecast",
    "ChurnTest",
    "ProductForecast",
    "ProductTest",
    "basket_rules",
    "check_products",
    "fit_churn",
    "fit_lifetime",
    "recommend_products",
    "with_ltv",
    "with_same_ltv",
]
