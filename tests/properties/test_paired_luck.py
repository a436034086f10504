"""Two worlds with the same luck: what makes one place better moves, at first, only those who now choose it."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.model import MigrationModel

LIVELY = {"migration__consider_rate": 0.3, "migration__moving_cost": 1.0}
"""Three thousand people move house rarely; these settings give some hundred moves in the first month."""


def first_month(raised: int | None, by: float = 1.0):
    """The teaching circle after one month; `raised` place is better by `by` units of utility."""
    model = MigrationModel("teaching", **LIVELY)
    if raised is not None:
        model.settlements.amenity[raised] += by
    model.step()
    model.close()
    return model


@pytest.fixture(scope="module")
def as_it_is():
    return first_month(None)


def differing_people(a, b) -> dict[str, np.ndarray]:
    """Rows of people in which each column differs."""
    found = {}
    for name in a.persons.columns:
        x, y = getattr(a.persons, name), getattr(b.persons, name)
        found[name] = np.flatnonzero(x != y)
    return found


def family_of(model, rows: np.ndarray) -> np.ndarray:
    """These people, their partners, and the children in either's list."""
    p = model.persons
    adults = np.concatenate([rows, p.partner[rows][p.partner[rows] >= 0], p.guardian[rows][p.guardian[rows] >= 0]])
    adults = np.unique(np.concatenate([adults, p.partner[adults][p.partner[adults] >= 0]]))
    return np.union1d(adults, np.flatnonzero(np.isin(p.guardian, adults)))


@pytest.mark.parametrize("raised", [0, 2, 7, 49])
def test_a_better_place_moves_only_those_who_now_choose_it_and_their_families(as_it_is, raised):
    better = first_month(raised)
    moved_a, moved_b = (m.month_moves[-1] for m in (as_it_is, better))
    assert len(moved_a[0]) > 50
    to_a, to_b = dict(zip(moved_a[0], moved_a[2], strict=True)), dict(zip(moved_b[0], moved_b[2], strict=True))
    arrived = [i for i, to in to_b.items() if to == raised and to_a.get(i) != raised]
    kept = [i for i in to_a if i not in to_b and better.persons.residence[i] == raised]
    # whom the better place would have held, when the partner then takes the family elsewhere
    origin = dict(zip(moved_a[0], moved_a[1], strict=True))
    kept += [i for i, to in to_a.items() if origin[i] == raised and to_b.get(i, to) != to]
    drawn = np.array(arrived + kept, dtype=np.int64)
    assert len(drawn) > 0, "nobody was drawn by the better place: the test shows nothing"
    lost = [i for i, to in to_a.items() if to == raised and to_b.get(i) != raised]
    assert not lost, "a place that got better lost somebody it had"
    touched = family_of(better, drawn)
    for name, rows in differing_people(as_it_is, better).items():
        strangers = np.setdiff1d(rows, touched)
        # a job offered by a tie in a place with one opening goes to whoever comes first
        if name in ("state", "employer", "workplace", "wage"):
            strangers = strangers[(as_it_is.persons.last_move[strangers] != better.month)]
        assert not len(strangers), (
            f"{name} of {len(strangers)} people differs, who have nothing to do with place {raised}"
        )


def test_a_place_that_gets_worse_sends_nobody_anywhere_but_from_itself_or_its_arrivals(as_it_is):
    raised = 0
    worse = first_month(raised, -1.0)
    moved_a, moved_b = (m.month_moves[-1] for m in (as_it_is, worse))
    to_a, to_b = dict(zip(moved_a[0], moved_a[2], strict=True)), dict(zip(moved_b[0], moved_b[2], strict=True))
    changed = np.array([i for i in {*to_a, *to_b} if to_a.get(i) != to_b.get(i)], dtype=np.int64)
    assert len(changed)
    before = dict(zip(moved_a[0], moved_a[1], strict=True)) | dict(zip(moved_b[0], moved_b[1], strict=True))
    concerned = [i for i in changed if before[i] == raised or to_a.get(i) == raised]
    assert set(changed) <= set(family_of(worse, np.array(concerned, dtype=np.int64)))


def test_nothing_before_the_choice_of_the_first_month_differs(as_it_is):
    """The mechanisms that come first read no amenity: births, deaths, school, work and pay are the same."""
    better = first_month(7)
    for name in (
        "births",
        "deaths",
        "retired",
        "graduates",
        "vacancies",
        "job_losers",
        "hired_unemployed",
        "income_fen",
    ):
        assert better.tally.get(name) == as_it_is.tally.get(name)
    for table in ("uid", "alive", "birth_month", "education", "hukou_kind", "birthplace", "attachment", "experience"):
        assert np.array_equal(getattr(better.persons, table), getattr(as_it_is.persons, table))
    assert better.tally["considerers"] == as_it_is.tally["considerers"]
