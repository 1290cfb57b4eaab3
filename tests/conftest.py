"""Fixtures every stage builds on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from coterie.charts import Chart
from coterie.sources import Dataset, read
from tests.servers import postgresql

__all__ = ["postgresql"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("coterie", deadline=None)
settings.load_profile("coterie")

TWELVE_ORDERS = """\
customer_id,order_id,at,quantity,unit_price,product,category,channel,country
ann,A1,2024-01-01 10:00:00,2,5,tea,food,web,France
ann,A2,2024-01-31 10:00:00,2,5,tea,food,web,France
ann,A3,2024-03-01 10:00:00,2,5,tea,food,web,France
bob,B1,2024-01-01 12:00:00,1,20,mug,home,web,France
cat,C1,2024-01-10 09:00:00,2,5,tea,food,web,France
cat,C2,2024-02-10 09:00:00,1,20,mug,home,web,France
cat,C2R,2024-02-15 09:00:00,-1,20,mug,home,web,France
dan,D1,2024-01-05 09:00:00,1,30,pot,home,shop,Spain
dan,D1R,2024-01-08 09:00:00,-1,30,pot,home,shop,Spain
eve,E1,2024-06-30 11:00:00,1,5,tea,food,shop,Spain
eve,E1,2024-06-30 11:00:00,1,15,cup,home,shop,Spain
fay,F1,2024-06-01 20:00:00,4,5,tea,food,shop,Spain
fay,F2,2024-06-08 20:00:00,4,5,tea,food,shop,Spain
gus,G1,2024-05-01 10:00:00,4,5,tea,food,shop,Spain
gus,G1R,2024-05-03 10:00:00,-1,5,tea,food,shop,Spain
hal,H1,2024-03-01 10:00:00,5,20,mug,home,web,Italy
hal,H2,2024-04-01 10:00:00,5,20,mug,home,web,Italy
hal,H3,2024-05-01 10:00:00,5,20,mug,home,web,Italy
hal,H4,2024-06-01 10:00:00,5,20,mug,home,web,Italy
ida,I1,2024-06-20 10:00:00,1,20,mug,home,web,Italy
ida,I1,2024-06-20 10:00:00,1,20,mug,home,web,Italy
jon,J1,2024-04-01 10:00:00,2,5,tea,food,web,Italy
jon,J1,2024-04-01 10:00:00,1,0,cup,home,web,Italy
kim,K1,2024-04-11 10:00:00,1,20,mug,home,web,France
kim,K2,2024-06-10 10:00:00,1,40,pot,home,web,France
leo,L1,2024-06-01 10:00:00,1,30,pot,home,shop,France
leo,L2,2024-06-30 10:00:00,1,30,pot,home,shop,France
"""

TWELVE_CUSTOMERS = """\
customer_id,age,city
ann,30,Paris
bob,40,Paris
cat,50,Lyon
dan,60,Madrid
eve,20,Madrid
fay,30,Madrid
gus,40,Sevilla
hal,50,Rome
ida,60,Rome
jon,20,Rome
kim,,Paris
leo,40,
"""

TWELVE_FEEDBACK = """\
customer_id,at,text,rating
ann,2024-01-05,Lovely tea,5
ann,2024-03-05,A little late,3
bob,2024-01-09,The mug came broken,1
hal,2024-06-03,Best mugs I know,5
"""


@pytest.fixture(scope="session")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """Twelve customers of a tea shop, orders from 1 January to 30 June 2024 (a Sunday).

    Recency is in days before 30 June; money and orders are what is left after returns, after the line
    that `ida` has twice counts once. 1 January 2024 is a Monday.

    ====  ======================================================  ======  =====  =======  ===========
    id    story                                                   orders  money  recency  city, age
    ====  ======================================================  ======  =====  =======  ===========
    ann   10 on 1 Jan, 31 Jan, 1 Mar: both gaps are 30 days        3       30     121      Paris, 30
    bob   bought one mug on 1 Jan and never again                  1       20     181      Paris, 40
    cat   tea for 10 on 10 Jan; mug of 10 Feb returned 15 Feb      1       10     172      Lyon, 50
    dan   pot of 5 Jan returned 8 Jan: nothing left                0        0     (177)    Madrid, 60
    eve   one order of two lines, tea 5 and cup 15, on 30 Jun      1       20       0      Madrid, 20
    fay   20 on Saturday 1 Jun and Saturday 8 Jun, both 20:00      2       40      22      Madrid, 30
    gus   4 teas for 20 on 1 May, one tea returned 3 May           1       15      60      Sevilla, 40
    hal   5 mugs for 100 on the first of Mar, Apr, May, Jun        4      400      29      Rome, 50
    ida   one mug on 20 Jun; the line stands twice in the file     1       20      10      Rome, 60
    jon   tea for 10 and a free cup on 1 Apr                       1       10      90      Rome, 20
    kim   mug 20 on 11 Apr, pot 40 on 10 Jun: a gap of 60 days     2       60      20      Paris, -
    leo   pot 30 on 1 Jun and on 30 Jun: a gap of 29 days          2       60       0      -, 40
    ====  ======================================================  ======  =====  =======  ===========

    Products tea, cup, mug, pot cost 5, 15, 20, 30 (kim paid 40 for the pot, jon nothing for the cup);
    tea is the category food, the rest is home. ann, bob, cat, kim order on the web from France, leo in
    the shop in France; dan, eve, fay, gus in the shop in Spain; hal, ida, jon on the web from Italy.
    All orders are at 9:00 to 12:00 but fay's. Feedback: ann 5 and 3 stars, bob 1, hal 5.
    27 lines; the amounts of all lines add up to 705, returns and ida's second line included.
    """
    folder = tmp_path_factory.mktemp("twelve")
    files = {"orders": TWELVE_ORDERS, "customers": TWELVE_CUSTOMERS, "feedback": TWELVE_FEEDBACK}
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    dataset = read(
        folder / "orders.csv", customers=folder / "customers.csv", feedback=folder / "feedback.csv"
    )
    yield dataset
    dataset.store.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of two finished segmentations, shared by all workers of a run."""
    from tests.finished import finished_folders

    own = tmp_path_factory.getbasetemp()
    return finished_folders(own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two refits and the first chart alone: most of a small run's time goes into refits and drawing."""
    from coterie.delivery import result
    from coterie.selection import comparing, judging

    monkeypatch.setattr(judging, "N_SUBSAMPLES_CHOOSING", 2)
    monkeypatch.setattr(comparing, "N_SUBSAMPLES_CHOSEN", 2)
    for maker in ("draw_charts", "metric_charts"):
        monkeypatch.setattr(result, maker, _first_of(getattr(result, maker)))


def _first_of(maker: Callable[..., list[Chart]]) -> Callable[..., list[Chart]]:
    return lambda *args, **options: maker(*args, **options)[:1]
