import numpy as np
import pytest

from coterie.knowledge import PLAYBOOKS
from coterie.knowledge.actions import recommend
from coterie.knowledge.playbooks import Recommendation
from coterie.segmentation import RFM_CELLS, RFMGrid
from tests.knowledge.tables import shop, table_of


def test_every_cell_of_the_grid_has_a_playbook_and_every_playbook_but_prospect_a_cell() -> None:
    assert len(RFM_CELLS) == 25
    assert set(RFM_CELLS.values()) | {"Prospect"} == set(PLAYBOOKS)
    assert len(PLAYBOOKS) == 12


def test_every_playbook_says_what_to_do_where_and_what_should_move() -> None:
    for name, playbook in PLAYBOOKS.items():
        assert playbook.name == name
        for text in (playbook.strategy, playbook.channel, playbook.kpi, playbook.trigger):
            assert text
            assert not text.endswith(".")
        assert playbook.sources


def test_the_action_is_that_of_the_cell_most_members_are_in() -> None:
    table, labels = shop()
    buyers = ~table.no_net_spend
    scores = RFMGrid().fit(table.X.loc[buyers, ["recency_days", "n_orders", "monetary"]]).scores_
    actions = recommend(table, labels)
    assert [action.name for action in actions.values()] == ["Loyal", "New", "Hibernating"]
    for i, action in actions.items():
        cells = [(int(r), int(f)) for r, f, _ in scores[labels[buyers] == i]]
        assert cells.count(action.cell) == max(cells.count(cell) for cell in cells)
        assert action.cell_share == pytest.approx(cells.count(action.cell) / len(cells))
        groups = [RFM_CELLS[cell] for cell in cells]
        assert action.playbook_share == pytest.approx(groups.count(action.name) / len(cells))
        assert action.evidence_grade == "industry convention"
        assert action.strategy == PLAYBOOKS[action.name].strategy


def test_those_without_net_spend_do_not_move_the_scores() -> None:
    table, labels = shop()
    actions = recommend(table, labels)
    kept = table.rows(~table.no_net_spend)
    assert recommend(kept, labels[~table.no_net_spend]) == actions


@pytest.mark.parametrize(
    "columns", [{"age": [1, 2]}, {"monetary": [0, 0], "n_orders": [1, 1], "recency_days": [1, 2]}]
)
def test_without_orders_nothing_is_proposed(columns: dict[str, list[float]]) -> None:
    assert recommend(table_of(columns), np.zeros(2, dtype=np.int32)) == {}


@pytest.mark.parametrize(
    ("cell_share", "playbook_share", "told"),
    [(0.4, 0.5, ""), (0.4, 0.45, "45%"), (0.3, 0.6, "60%"), (1.0, 1.0, "")],
)
def test_how_many_an_action_fits_is_told_where_members_are_spread_widely(
    cell_share: float, playbook_share: float, told: str
) -> None:
    action = Recommendation(0, PLAYBOOKS["At risk"], (2, 4), cell_share, playbook_share)
    assert bool(action.fit) == bool(told)
    assert told in action.fit
