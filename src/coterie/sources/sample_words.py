"""What the sample store sells, where its customers live and what they say. All of it is made up."""

from __future__ import annotations

CATALOGUE: dict[str, tuple[tuple[str, float], ...]] = {
    "Kitchen": (
        ("Cast iron pan", 39.0),
        ("Chef's knife", 49.0),
        ("Espresso cups, set of 4", 24.0),
        ("Wooden spoon", 6.5),
        ("Salad bowl", 29.0),
        ("Tea towel", 8.0),
    ),
    "Garden": (
        ("Seed collection", 12.0),
        ("Terracotta pot", 9.5),
        ("Pruning shears", 27.0),
        ("Watering can", 22.0),
        ("Lantern", 18.0),
    ),
    "Home": (
        ("Linen cushion", 32.0),
        ("Wool throw", 79.0),
        ("Scented candle", 19.0),
        ("Picture frame", 16.0),
        ("Vase", 36.0),
    ),
    "Children": (
        ("Wooden train", 28.0),
        ("Picture book", 14.0),
        ("Rain boots", 26.0),
        ("Plush rabbit", 21.0),
        ("Puzzle", 15.0),
    ),
    "Office": (
        ("Notebook", 9.0),
        ("Fountain pen", 45.0),
        ("Desk lamp", 69.0),
        ("Pencil case", 13.0),
    ),
    "Food": (
        ("Olive oil", 17.0),
        ("Dark chocolate", 5.5),
        ("Coffee beans", 15.5),
        ("Honey", 9.0),
        ("Spice set", 23.0),
    ),
    "Jewellery": (
        ("Silver ring", 89.0),
        ("Pearl earrings", 129.0),
        ("Bracelet", 65.0),
        ("Brooch", 55.0),
    ),
    "Gifts": (
        ("Greeting card", 3.5),
        ("Wrapping paper", 4.5),
        ("Gift box", 34.0),
        ("Photo album", 27.0),
        ("Party lights", 14.5),
    ),
}
"""Products and their prices by category."""

CITIES: tuple[tuple[str, str, float, float], ...] = (
    ("London", "United Kingdom", 51.51, -0.13),
    ("Leeds", "United Kingdom", 53.80, -1.55),
    ("Bristol", "United Kingdom", 51.45, -2.59),
    ("Edinburgh", "United Kingdom", 55.95, -3.19),
    ("Dublin", "Ireland", 53.35, -6.26),
    ("Cork", "Ireland", 51.90, -8.47),
    ("Lyon", "France", 45.76, 4.84),
    ("Paris", "France", 48.86, 2.35),
    ("Hamburg", "Germany", 53.55, 9.99),
    ("Leipzig", "Germany", 51.34, 12.37),
    ("Utrecht", "Netherlands", 52.09, 5.12),
    ("Antwerp", "Belgium", 51.22, 4.40),
)
"""City, country, latitude, longitude."""

PRAISE = ("Lovely {}", "The {} is even better than in the picture", "Very happy with the {}", "Great {}")
DOUBT = ("The {} is fine, nothing special", "{} as described", "Decent {}, delivery was slow")
BLAME = ("The {} broke after a week", "Disappointed by the {}", "Poor quality, the {} went back")
ENDINGS = ("", ", would buy again", ", thank you", ", arrived quickly", ", the packaging was damaged")
"""Pieces of reviews by mood; {} is the product."""
