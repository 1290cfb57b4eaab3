"""The sample store: files of a believable shop whose segments are known.

Each customer belongs to one of six groups with its own rhythm, basket, age, taste and mood, drawn with
enough overlap that no method finds them perfectly. The group is told in `true_segment` of customers.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.sources.sample_words import BLAME, CATALOGUE, CITIES, DOUBT, ENDINGS, PRAISE
from coterie.store import replacing

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LAST_DAY = np.datetime64("2025-12-31")
N_DAYS = 730
MIN_CUSTOMERS = 60
CATEGORIES = tuple(CATALOGUE)
TEXT_DAYS = np.datetime_as_string(LAST_DAY - np.arange(N_DAYS + 1), unit="D").astype(object)
"""ISO date by days before the last day."""


@dataclass(frozen=True)
class _Group:
    """Typical values (medians) of a group; spreads are standard deviations of logarithms."""

    share: float
    n_orders: float
    orders_spread: float
    basket: float
    basket_spread: float
    recency_days: float
    recency_spread: float
    age: float
    favourites: tuple[str, ...]
    mood: float
    web_visits: float


GROUPS: dict[str, _Group] = {
    "patrons": _Group(0.04, 30, 0.35, 190, 0.35, 9, 0.8, 52, ("Jewellery", "Home"), 0.8, 30),
    "regulars": _Group(0.22, 13, 0.42, 58, 0.40, 18, 0.9, 41, ("Kitchen", "Food"), 0.7, 22),
    "sleeping patrons": _Group(0.11, 11, 0.42, 125, 0.42, 240, 0.40, 57, ("Home", "Garden"), 0.45, 6),
    "occasionals": _Group(0.20, 4.6, 0.38, 46, 0.45, 75, 0.60, 46, ("Garden", "Gifts"), 0.6, 10),
    "newcomers": _Group(0.18, 1.2, 0.40, 38, 0.50, 20, 0.9, 29, ("Office", "Gifts"), 0.65, 12),
    "lapsed": _Group(0.25, 1.6, 0.45, 34, 0.50, 400, 0.35, 37, ("Children", "Gifts"), 0.35, 2),
}
"""Who shops here. Shares add up to 1."""


def write_sample_store(
    folder: str | Path, *, n_customers: int = 5_000, random_state: int = 0
) -> dict[str, Path]:
    """Write orders, customers, events, feedback and campaign responses of the sample store as CSV.

    Parameters
    ----------
    folder : path
        Is created.
    n_customers : int
        At least 60.
    random_state : int
        The same number gives the same bytes.

    Returns
    -------
    dict of str to Path
        By name: orders, customers, events, feedback, campaigns.
    """
    if n_customers < MIN_CUSTOMERS:
        raise ParameterError(f"The sample store has at least {MIN_CUSTOMERS} customers", where="n_customers")
    random = np.random.default_rng(random_state)
    people = _people(n_customers, random)
    visits = _visits(people, random)
    lines = _lines(people, visits, random=random)
    tables = {
        "orders": _orders(people, visits, lines=lines, random=random),
        "customers": _customers(people, random),
        "events": _events(people, random),
        "feedback": _feedback(people, visits, lines=lines, random=random),
        "campaigns": _campaigns(people, random),
    }
    paths = {name: Path(folder) / f"{name}.csv" for name in tables}
    for name, table in tables.items():
        _write(table, paths[name])
    return paths


@dataclass(frozen=True)
class _People:
    group: Ints
    ids: npt.NDArray[np.object_]
    n_orders: Ints
    basket: Floats
    recency_days: Ints
    channel: Ints

    def of_group(self, name: str) -> Floats:
        """One value of the group, for each person."""
        values: Floats = np.array([getattr(group, name) for group in GROUPS.values()], dtype=float)[
            self.group
        ]
        return values


@dataclass(frozen=True)
class _Visits:
    """One row an order."""

    person: Ints
    days_ago: Ints
    hour: Ints


@dataclass(frozen=True)
class _Lines:
    """One row an order line."""

    visit: Ints
    product: Ints
    quantity: Ints


def _people(n: int, random: np.random.Generator) -> _People:
    shares = np.array([group.share for group in GROUPS.values()])
    counts = np.floor(shares * n).astype(int)
    counts[-1] += n - counts.sum()
    group = random.permutation(np.repeat(np.arange(len(GROUPS)), counts))

    def lognormal(median: str, spread: str) -> Floats:
        values = [(getattr(g, median), getattr(g, spread)) for g in GROUPS.values()]
        medians, spreads = np.array(values, dtype=float)[group].T
        drawn: Floats = medians * np.exp(spreads * random.standard_normal(n))
        return drawn

    width = max(5, len(str(n)))
    return _People(
        group=group,
        ids=np.array([f"{number:0{width}d}" for number in random.permutation(n) + 1], dtype=object),
        n_orders=np.clip(np.rint(lognormal("n_orders", "orders_spread")), 1, 120).astype(int),
        basket=lognormal("basket", "basket_spread"),
        recency_days=np.clip(lognormal("recency_days", "recency_spread"), 0, N_DAYS - 31).astype(int),
        channel=random.choice(3, n, p=[0.6, 0.25, 0.15]),
    )


def _visits(people: _People, random: np.random.Generator) -> _Visits:
    """Orders lie between a customer's first day and last day; the last one is on the last day."""
    person = np.repeat(np.arange(len(people.ids)), people.n_orders)
    room = N_DAYS - people.recency_days
    rhythm = np.exp(0.4 * random.standard_normal(len(room)))
    span = np.minimum(room - 1, np.rint(people.n_orders * 26 * rhythm)).astype(int)
    offset = np.rint(random.random(len(person)) * span[person]).astype(int)
    first = np.concatenate([[0], np.cumsum(people.n_orders)[:-1]])
    offset[first] = 0
    hour = np.clip(np.rint(random.normal(15, 4, len(person))), 6, 23).astype(int)
    return _Visits(person, people.recency_days[person] + offset, hour)


def _lines(people: _People, visits: _Visits, *, random: np.random.Generator) -> _Lines:
    """One to four products an order; quantities fill the basket to about its value."""
    n_lines = 1 + random.binomial(3, 0.35, len(visits.person))
    visit = np.repeat(np.arange(len(visits.person)), n_lines)
    person = visits.person[visit]
    product = _favoured_products(people.group[person], random)
    goal = people.basket[person] * np.exp(0.25 * random.standard_normal(len(visit))) / n_lines[visit]
    quantity = np.maximum(1, np.rint(goal / _prices()[product])).astype(int)
    pairs, first = np.unique(visit * len(_prices()) + product, return_index=True)
    return _Lines(pairs // len(_prices()), product[first], quantity[first])


def _favoured_products(group: Ints, random: np.random.Generator) -> Ints:
    """Half of the time something from a favourite category of the group, else anything."""
    category_of = np.repeat(np.arange(len(CATEGORIES)), [len(CATALOGUE[name]) for name in CATEGORIES])
    product = random.integers(len(category_of), size=len(group))
    favoured = random.random(len(group)) < 0.5
    for number, known in enumerate(GROUPS.values()):
        liked = np.flatnonzero(np.isin(category_of, [CATEGORIES.index(name) for name in known.favourites]))
        rows = np.flatnonzero(favoured & (group == number))
        product[rows] = random.choice(liked, len(rows))
    return product


def _prices() -> Floats:
    return np.array([price for name in CATEGORIES for _, price in CATALOGUE[name]])


def _product_names() -> npt.NDArray[np.object_]:
    return np.array([title for name in CATEGORIES for title, _ in CATALOGUE[name]], dtype=object)


def _timestamps(days_ago: Ints, hour: Ints, *, random: np.random.Generator) -> npt.NDArray[np.object_]:
    minutes = random.integers(60, size=len(days_ago))
    clock = np.array([f"{h:02d}:{m:02d}:00" for h in range(24) for m in range(60)], dtype=object)
    moments: npt.NDArray[np.object_] = TEXT_DAYS[days_ago] + " " + clock[hour * 60 + minutes]
    return moments


def _orders(people: _People, visits: _Visits, *, lines: _Lines, random: np.random.Generator) -> pd.DataFrame:
    """All order lines in the order they happened, with returns, lost ids and a few doubled rows."""
    import pandas as pd

    person = visits.person[lines.visit]
    category = np.repeat(np.array(CATEGORIES, dtype=object), [len(CATALOGUE[name]) for name in CATEGORIES])
    moments = _timestamps(visits.days_ago, visits.hour, random=random)
    cities = np.array([country for _, country, _, _ in CITIES], dtype=object)
    bought = pd.DataFrame(
        {
            "order_id": (100_000 + np.arange(len(visits.person)))[lines.visit].astype(str),
            "order_date": moments[lines.visit],
            "customer_id": people.ids[person],
            "product_id": [f"P{number + 1:03d}" for number in lines.product],
            "product_name": _product_names()[lines.product],
            "category": category[lines.product],
            "quantity": lines.quantity,
            "unit_price": _prices()[lines.product],
            "channel": np.array(["web", "app", "store"], dtype=object)[people.channel[person]],
            "country": cities[_home(people)[person]],
        }
    )
    returned = _returns(bought, visits.days_ago[lines.visit], random=random)
    bought.loc[random.random(len(bought)) < 0.004, "customer_id"] = ""
    doubled = bought.iloc[np.flatnonzero(random.random(len(bought)) < 0.002)]
    return pd.concat([bought, returned, doubled]).sort_values(
        ["order_date", "order_id"], kind="stable", ignore_index=True
    )


def _returns(bought: pd.DataFrame, days_ago: Ints, *, random: np.random.Generator) -> pd.DataFrame:
    """Four in a hundred lines come back within three weeks, as far as the books go."""
    later = days_ago - random.integers(1, 21, size=len(bought))
    rows = np.flatnonzero((random.random(len(bought)) < 0.04) & (later >= 0))
    back = bought.iloc[rows]
    return back.assign(
        order_id="C" + back["order_id"],
        order_date=TEXT_DAYS[later[rows]] + " 12:00:00",
        quantity=-back["quantity"],
    )


def _home(people: _People) -> Ints:
    """City number; customers of a group favour different ends of the list a little."""
    number = np.array([int(name) for name in people.ids])
    city: Ints = (number * 7 + people.group * (number % 3 == 0)) % len(CITIES)
    return city


def _customers(people: _People, random: np.random.Generator) -> pd.DataFrame:
    import pandas as pd

    n = len(people.ids)
    home = _home(people)
    age = np.clip(np.rint(random.normal(people.of_group("age"), 9)), 18, 90).astype(int).astype(object)
    age[random.random(n) < 0.03] = ""
    names = np.array(list(GROUPS), dtype=object)
    table = pd.DataFrame(
        {
            "customer_id": people.ids,
            "age": age,
            "gender": np.array(["female", "male", "other"], dtype=object)[
                random.choice(3, n, p=[0.55, 0.42, 0.03])
            ],
            "city": np.array([city for city, *_ in CITIES], dtype=object)[home],
            "country": np.array([country for _, country, *_ in CITIES], dtype=object)[home],
            "latitude": np.round(
                np.array([c[2] for c in CITIES])[home] + 0.05 * random.standard_normal(n), 4
            ),
            "longitude": np.round(
                np.array([c[3] for c in CITIES])[home] + 0.05 * random.standard_normal(n), 4
            ),
            "newsletter": np.where(random.random(n) < 0.6, "yes", "no"),
            "true_segment": names[people.group],
        }
    )
    return table.sort_values("customer_id", ignore_index=True)


def _events(people: _People, random: np.random.Generator) -> pd.DataFrame:
    """Web visits, likes and shares since the customer's last order or shortly before."""
    import pandas as pd

    n_events = random.poisson(people.of_group("web_visits"))
    person = np.repeat(np.arange(len(people.ids)), n_events)
    days = people.recency_days[person] + random.integers(-5, 120, size=len(person))
    days = np.clip(days, 0, N_DAYS)
    kinds = np.array(["page_view", "search", "add_to_cart", "like", "share"], dtype=object)
    kind = kinds[random.choice(5, len(person), p=[0.6, 0.15, 0.15, 0.07, 0.03])]
    social = np.isin(kind, ["like", "share"])
    pages = np.array([f"/{name.lower()}" for name in CATEGORIES], dtype=object)
    table = pd.DataFrame(
        {
            "customer_id": people.ids[person],
            "event_time": _timestamps(days, random.integers(7, 24, size=len(person)), random=random),
            "event_type": kind,
            "channel": np.where(social, "social", "web"),
            "url": pages[random.integers(len(CATEGORIES), size=len(person))],
        }
    )
    return table.sort_values(["event_time", "customer_id"], kind="stable", ignore_index=True)


def _feedback(
    people: _People, visits: _Visits, *, lines: _Lines, random: np.random.Generator
) -> pd.DataFrame:
    """About one line in twelve is reviewed; the mood is that of the group."""
    import pandas as pd

    rows = np.flatnonzero(random.random(len(lines.visit)) < 0.08)
    visit = lines.visit[rows]
    person = visits.person[visit]
    mood = people.of_group("mood")[person]
    rating = 1 + random.binomial(4, mood)
    text = _review_texts(rating, _product_names()[lines.product[rows]], random=random)
    days = np.maximum(visits.days_ago[visit] - random.integers(1, 30, size=len(rows)), 0)
    table = pd.DataFrame(
        {
            "customer_id": people.ids[person],
            "review_date": TEXT_DAYS[days],
            "rating": rating,
            "review_text": text,
        }
    )
    return table.sort_values(["review_date", "customer_id"], kind="stable", ignore_index=True)


def _review_texts(
    rating: Ints, product: npt.NDArray[np.object_], *, random: np.random.Generator
) -> npt.NDArray[np.object_]:
    moods = {1: BLAME, 2: BLAME, 3: DOUBT, 4: PRAISE, 5: PRAISE}
    picks = random.integers(1_000_000, size=(len(rating), 2))
    texts = [
        moods[stars][a % len(moods[stars])].format(name.lower()) + ENDINGS[b % len(ENDINGS)]
        for stars, name, (a, b) in zip(rating.tolist(), product.tolist(), picks.tolist(), strict=True)
    ]
    return np.array(texts, dtype=object)


def _campaigns(people: _People, random: np.random.Generator) -> pd.DataFrame:
    """Three e-mails to half of the customers each; the livelier groups respond more."""
    import pandas as pd

    tables = []
    for number, days_ago in enumerate((240, 120, 30), start=1):
        sent = np.flatnonzero(random.random(len(people.ids)) < 0.5)
        lively = people.of_group("mood")[sent]
        opened = random.random(len(sent)) < 0.15 + 0.4 * lively
        clicked = opened & (random.random(len(sent)) < 0.1 + 0.3 * lively)
        tables.append(
            pd.DataFrame(
                {
                    "customer_id": people.ids[sent],
                    "campaign": f"newsletter {number}",
                    "sent_date": TEXT_DAYS[days_ago],
                    "opened": opened.astype(int),
                    "clicked": clicked.astype(int),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _write(table: pd.DataFrame, path: Path) -> None:
    with replacing(path) as draft:
        table.to_csv(draft, index=False, lineterminator="\n")
