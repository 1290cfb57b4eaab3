from __future__ import annotations

import numpy as np
import pandas as pd

from coterie.charts import qini_curves
from coterie.experiments import qini


def curve(name: str, gain: list[float], coefficient: float) -> pd.DataFrame:
    share = np.linspace(0.0, 1.0, len(gain))
    return pd.DataFrame({"name": name, "share": share, "gain": gain, "coefficient": coefficient})


def test_the_best_ranking_is_told_with_what_its_first_third_brings() -> None:
    best, other = curve("Uplift", [0.0, 0.03, 0.035, 0.04], 0.01), curve("Risk", [0.0, 0.04], 0.0)
    chart = qini_curves(pd.concat([other, best]))
    assert chart.alt == (
        "Uplift: a third of people bring 75% of the effect. "
        "Area above chance (Qini): Risk 0.0000; Uplift 0.0100."
    )


def test_no_ranking_is_praised_that_is_worse_than_chance() -> None:
    assert "better than chance" in qini_curves(curve("Risk", [0.0, 0.01, 0.04], -0.005)).alt
    assert qini_curves(curve("Risk", [0.0, 0.01, 0.0], 0.005)).alt.startswith("Risk finds them best.")
    assert qini_curves(curve("Risk", [], 0.0)).alt == "There is no ranking."


def test_an_empty_table_is_drawn() -> None:
    chart = qini_curves(curve("Risk", [], 0.0))
    assert chart.png_bytes()
    assert chart.interactive() is not None


def test_a_judged_ranking_is_drawn_as_it_is() -> None:
    random = np.random.default_rng(0)
    found = qini(random.random(200), converted=random.random(200) < 0.3, treated=np.arange(200) % 2)
    table = pd.DataFrame({"share": found.share, "gain": found.gain}).assign(
        name="Any", coefficient=found.coefficient.estimate
    )
    drawing = qini_curves(table).interactive()
    assert drawing is not None
    assert [trace["name"] for trace in drawing["data"]][-1] == "Chance"
    assert drawing["data"][-1]["y"][1] == drawing["data"][0]["y"][-1] or np.isclose(
        drawing["data"][-1]["y"][1], drawing["data"][0]["y"][-1], rtol=1e-3
    )
