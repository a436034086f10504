"""People, money and jobs come from somewhere and go somewhere: three years, and what happens to those who cheat."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import invariants
from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import EMPLOYED, NOWHERE
from simulator.model import MigrationModel
from simulator.state.books import HOUSEHOLDS
from tests.slips import plant_after


def test_three_years_keep_people_money_and_jobs_to_the_last():
    model = MigrationModel("teaching")
    living, money = int(model.persons.alive.sum()), int(model.persons.savings.sum()) + model.estates_fen
    births = deaths = 0
    for _ in range(36):
        model.step()  # checks itself every month
        births, deaths = births + model.tally["births"], deaths + model.tally["deaths"]
        for flow in model.ledger.flows:
            sign = (flow.payee == HOUSEHOLDS) - (flow.payer == HOUSEHOLDS)
            money += sign * model.ledger.total(flow.name)
    persons = model.persons
    # the same once more, by hand and over all three years
    assert births > 0 and deaths > 0
    assert int(persons.alive.sum()) == living + births - deaths
    assert int(persons.savings.sum()) + model.estates_fen == money
    working = (persons.alive == 1) & (persons.state == EMPLOYED)
    jobs = np.bincount(persons.employer[working], minlength=len(model.employers.headcount))
    assert np.array_equal(jobs, model.employers.headcount)
    assert (persons.employer[~working] < 0).all() and (persons.wage[~working] == 0).all()
    assert (persons.workplace[persons.alive == 1][persons.state[persons.alive == 1] != EMPLOYED] == NOWHERE).all()
    assert len(np.unique(persons.uid)) == len(persons)
    invariants.check_ranges(model)  # every column, not a sixth of them
    model.close()


def worker(model) -> int:
    persons = model.persons
    return int(np.flatnonzero((persons.alive == 1) & (persons.state == EMPLOYED))[0])


def double_somebodys_savings(model):
    rich = int(np.argmax(model.persons.savings))
    model.persons.savings[rich] *= 2


def lose_a_fen(model):
    model.persons.savings[int(np.argmax(model.persons.savings))] -= 1


def invent_a_job(model):
    model.employers.headcount[7] += 1


def forget_that_somebody_quit(model):
    i = worker(model)
    model.persons.state[i], model.persons.employer[i], model.persons.wage[i] = 6, -1, 0
    model.persons.workplace[i] = NOWHERE


def let_somebody_appear(model):
    persons = model.persons
    i = persons.append(1)
    for name in persons.columns:
        getattr(persons, name)[i] = getattr(persons, name)[0]
    persons.uid[i], persons.savings[i], persons.household[i] = 10**15, 0, -1
    persons.state[i], persons.employer[i], persons.wage[i], persons.workplace[i] = 8, -1, 0, NOWHERE


def let_somebody_vanish(model):
    persons = model.persons
    idle = np.flatnonzero((persons.alive == 1) & (persons.state != EMPLOYED))
    persons.alive[idle[0]] = 0


def give_somebody_an_impossible_attachment(model):
    model.persons.attachment[5] = np.float32(np.nan)


PLANTS = {
    double_somebodys_savings: "from nowhere",
    lose_a_fen: "fen",
    invent_a_job: "employer 7",
    forget_that_somebody_quit: "employer",
    let_somebody_appear: "births and deaths explain",
    let_somebody_vanish: "births and deaths explain",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_what_comes_from_nowhere_is_caught_in_the_same_month(plant):
    model = MigrationModel("teaching", inversion=False)
    model.step()
    plant_after(model, "set_rents", plant)
    with pytest.raises(InvariantBroken, match=PLANTS[plant]):
        model.step()
    model.close()


def test_a_number_outside_its_declared_range_is_caught_within_half_a_year():
    model = MigrationModel("teaching", inversion=False)
    give_somebody_an_impossible_attachment(model)
    with pytest.raises(InvariantBroken, match="attachment of row 5"):
        for _ in range(6):
            model.step()
    model.close()
