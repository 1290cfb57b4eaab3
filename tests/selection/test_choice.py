"""The rule, on trials whose scores are written by hand."""

import pytest

from coterie.assessment import Score
from coterie.segmentation import Trial
from coterie.selection import Floors, choose
from coterie.selection.choice import failed_floors, least_bad, ranked, verdict_of
from coterie.settings import Settings

N = 1_000
FLOORS = Floors.of(N, Settings())
GOOD = {
    "silhouette": 0.3,
    "calinski_harabasz": 100.0,
    "stability": 0.9,
    "stability_min": 0.8,
    "later_value": 0.2,
    "fidelity": 0.9,
    "noise_share": 0.0,
    "largest_share": 0.4,
    "smallest_share": 0.1,
}


def trial(k: int, **values: float | None) -> Trial:
    scores = {name: Score(name, value, reason="unknown") for name, value in {**GOOD, **values}.items()}
    return Trial("kmeans", k, k, None, scores=scores)


@pytest.mark.parametrize(
    "name, bad, good",
    [
        ("smallest_share", 0.029, 0.030),
        ("largest_share", 0.601, 0.600),
        ("stability", 0.749, 0.750),
        ("stability_min", 0.599, 0.600),
        ("fidelity", 0.849, 0.850),
    ],
)
def test_each_floor_rejects_just_below_and_accepts_at_its_limit(name: str, bad: float, good: float) -> None:
    below, at_limit = ({name: value} for value in (bad, good))
    assert list(failed_floors(trial(4, **below), FLOORS, n=N)) == [name]
    assert not failed_floors(trial(4, **at_limit), FLOORS, n=N)


def test_thirty_customers_are_the_floor_of_a_segment_in_a_small_table() -> None:
    floors = Floors.of(200, Settings())
    assert failed_floors(trial(4, smallest_share=29 / 200), floors, n=200)
    assert not failed_floors(trial(4, smallest_share=30 / 200), floors, n=200)


def test_the_best_mean_of_four_ranks_wins() -> None:
    steady = trial(5, stability_min=0.95, later_value=0.21, fidelity=0.95)
    compact = trial(4, silhouette=0.9, stability_min=0.7)
    choice = choose([compact, steady], FLOORS, n=N)
    assert choice is not None
    assert choice.chosen is steady
    assert "K-Means with 5 segments" in choice.why
    assert "K-Means with 4 segments" in choice.runner_up


def test_a_high_silhouette_from_one_giant_segment_never_wins() -> None:
    trap = trial(2, silhouette=0.87, largest_share=0.99, smallest_share=0.01, stability_min=1.0, fidelity=1.0)
    honest = trial(4, silhouette=0.1)
    for choice in (choose([trap, honest], FLOORS, n=N), least_bad([trap, honest], FLOORS, n=N)):
        assert choice is not None
        assert choice.chosen is honest
    assert least_bad([trap], FLOORS, n=N) is None


def test_ties_go_to_fewer_segments() -> None:
    choice = choose([trial(6), trial(4)], FLOORS, n=N)
    assert choice is not None
    assert choice.chosen.n_clusters == 4


def test_the_detailed_answer_has_the_most_segments_that_pass() -> None:
    choice = choose([trial(8, fidelity=0.5), trial(7, stability_min=0.65), trial(5)], FLOORS, n=N)
    assert choice is not None and choice.detailed is not None
    assert (choice.chosen.n_clusters, choice.detailed.n_clusters) == (5, 7)
    alone = choose([trial(5)], FLOORS, n=N)
    assert alone is not None and alone.detailed is None
    assert "no runner-up" in alone.runner_up


def test_differences_that_chance_explains_decide_nothing() -> None:
    lucky = trial(6, stability_min=0.9, later_value=0.205, fidelity=0.91)
    assert ranked([lucky, trial(4)])[0][1].n_clusters == 4
    better = trial(6, stability_min=0.96, later_value=0.215, fidelity=0.92)
    assert ranked([better, trial(4)])[0] == (1.125, better)


def test_calinski_harabasz_stands_in_where_nothing_later_is_known() -> None:
    before = [trial(5, later_value=0.3, calinski_harabasz=1.0), trial(5, later_value=0.1)]
    assert ranked(before)[0][1] is before[0]
    now = [trial(5, later_value=None, calinski_harabasz=1.0), trial(5, later_value=None)]
    assert ranked(now)[0][1] is now[1]


def test_nothing_passes_the_floors_means_no_choice_of_the_first_kind() -> None:
    assert choose([trial(5, stability=0.5), trial(4, fidelity=0.2)], FLOORS, n=N) is None


def test_the_fewest_failed_floors_win_and_are_named() -> None:
    shaky = trial(5, stability=0.7, stability_min=0.5)
    wordy = trial(6, fidelity=0.7)
    choice = least_bad([shaky, wordy], FLOORS, n=N)
    assert choice is not None
    assert choice.chosen is wordy
    assert verdict_of(failed_floors(wordy, FLOORS, n=N)) == "constructive"
    assert "short rules place only 70.0% of customers" in choice.why
    unstable = least_bad([shaky], FLOORS, n=N)
    assert unstable is not None
    assert verdict_of(failed_floors(shaky, FLOORS, n=N)) == "unstable: constructive"
    assert "too little of the weakest segment" in unstable.why


def test_a_failed_size_floor_weighs_more_than_any_number_of_others() -> None:
    tiny = trial(5, smallest_share=0.01)
    shaky = trial(5, stability=0.5, stability_min=0.2, fidelity=0.6)
    choice = least_bad([tiny, shaky], FLOORS, n=N)
    assert choice is not None
    assert choice.chosen is shaky
