"""Sloppy mechanisms and what the close of the month says of them: one slip each, in the month in which it happens."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simulator import invariants, run
from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import EMPLOYED, NOWHERE, UNEMPLOYED
from simulator.model import MigrationModel
from tests.slips import plant_after


def living(model, **where) -> np.ndarray:
    p = model.persons
    chosen = p.alive == 1
    for name, value in where.items():
        chosen &= getattr(p, name) == value
    return np.flatnonzero(chosen)


def move_without_a_word(model):
    """Somebody idle lives elsewhere from now on, and no log says so."""
    i = living(model, state=UNEMPLOYED)[0]
    model.persons.residence[i] = (model.persons.residence[i] + 1) % model.world.n


def two_move_against_each_other_without_a_word(model):
    """Two swap places, so that no place has more or fewer people; what they hold goes with them."""
    p, rows = model.persons, living(model, state=UNEMPLOYED)
    a = rows[0]
    b = next(k for k in rows if p.residence[k] != p.residence[a] and p.savings[k] != p.savings[a])
    p.residence[a], p.residence[b] = p.residence[b], p.residence[a]


def keep_the_old_dwelling(model):
    """A head of household moves, with a word to the log, and the household's dwelling stays behind."""
    p, h = model.persons, model.households
    k = next(k for k in np.flatnonzero(h.head >= 0) if p.state[h.head[k]] == UNEMPLOYED)
    i = h.head[k]
    start, to = p.residence[i], (p.residence[i] + 1) % model.world.n
    p.residence[i] = to
    model.month_moves.append((np.array([i]), np.array([start]), np.array([to]), np.array([0])))
    model.ledger.carry(p.savings[[i]], np.array([start]), np.array([to]))


def pay_the_people_of_another_place(model):
    """A hundred fen meant for one go to somebody of another settlement: the sector as a whole does not notice."""
    p, rows = model.persons, living(model)
    a = rows[0]
    b = next(k for k in rows if p.residence[k] != p.residence[a])
    p.savings[a] -= 100
    p.savings[b] += 100


def pay_twice_and_book_once(model):
    model.persons.savings[living(model)[3]] += 5_000


def book_a_payment_that_nobody_got(model):
    amounts = np.zeros(model.world.n, dtype=np.int64)
    amounts[2] = 70
    model.ledger.post("pensions", amounts)


def lose_one_side_of_a_posting(model):
    model.ledger.amounts[model.ledger.row["pensions"], 1, 0] += 9


def take_from_one_purse_into_another(model):
    """One local government has what another lacks: the sector as a whole does not notice."""
    model.ledger.local[0] -= 12
    model.ledger.local[1] += 12


def borrow_without_owing(model):
    amounts = model.ledger.at_seats(np.array([1_000, 0]))
    model.ledger.post("local_borrowing", amounts)


def owe_without_borrowing(model):
    model.governments.debt[0] += 1


def pay_the_dead(model):
    """A fen from a neighbour to somebody buried."""
    p = model.persons
    i = np.flatnonzero(p.alive == 0)
    i = i[0] if len(i) else bury_quietly(model)
    neighbour = living(model, residence=p.residence[i])[0]
    p.savings[neighbour] -= 1
    p.savings[i] += 1


def bury_quietly(model) -> int:
    """Somebody idle and alone dies, noted as a death, with all that belongs to it."""
    p, h = model.persons, model.households
    for i in living(model, state=UNEMPLOYED):
        home = p.household[i]
        if h.size[home] == 1 and p.first_child[i] < 0 and p.guardian[i] < 0 and p.partner[i] < 0:
            p.alive[i], p.household[i], h.size[home], h.head[home] = 0, -1, 0, -1
            model.tally["deaths"] += 1
            return i
    raise AssertionError("nobody idle lives alone")


def raise_the_dead(model):
    """Somebody buried long ago lives again, and a birth is noted for it."""
    p = model.persons
    i = np.flatnonzero(p.alive == 0)[0]
    home = model.households.append(1)
    p.alive[i], p.household[i], p.state[i] = 1, home, 8
    model.households.head[home], model.households.size[home] = i, 1
    model.households.dwelling[home] = model.households.root[home] = p.residence[i]
    model.tally["births"] += 1


def hold_a_job_twice(model):
    """One person counts on two job lines, and both firms say so."""
    line = model.persons.employer[living(model, state=EMPLOYED)[0]]
    model.employers.headcount[line + 2 if line + 2 < len(model.employers) else line - 2] += 1


def fill_a_vacancy_twice(model):
    model.employers.filled[0] = model.employers.vacancies[0] + 1


def quit_and_keep_the_wage(model):
    i = living(model, state=EMPLOYED)[0]
    p = model.persons
    model.employers.headcount[p.employer[i]] -= 1
    p.state[i], p.employer[i], p.workplace[i] = UNEMPLOYED, -1, NOWHERE


def work_where_the_firm_is_not(model):
    p = model.persons
    i = living(model, state=EMPLOYED)[0]
    p.workplace[i] = (p.workplace[i] + 1) % model.world.n


def leave_a_partner_on_one_side(model):
    p = model.persons
    i = np.flatnonzero((p.alive == 1) & (p.partner >= 0))[0]
    p.partner[p.partner[i]] = -1


def marry_round_in_a_circle(model):
    """Of two couples each has the partner of the next: everybody is somebody's partner, nobody's own."""
    p = model.persons
    rows = np.flatnonzero((p.alive == 1) & (p.partner >= 0))
    a = rows[0]
    b = p.partner[a]
    c = next(k for k in rows if k not in (a, b))
    d = p.partner[c]
    p.partner[a], p.partner[b], p.partner[c], p.partner[d] = b, c, d, a


def forget_a_child(model):
    p = model.persons
    i = np.flatnonzero((p.alive == 1) & (p.first_child >= 0) & (p.next_sibling[np.maximum(p.first_child, 0)] < 0))[0]
    p.first_child[i] = -1


def give_a_child_to_two(model):
    p = model.persons
    owner = np.flatnonzero((p.alive == 1) & (p.first_child >= 0))[0]
    other = np.flatnonzero((p.alive == 1) & (p.first_child < 0) & (p.guardian < 0))[0]
    p.first_child[other] = p.first_child[owner]


def count_a_member_too_many(model):
    model.households.size[3] += 1


def swap_members_between_households(model):
    """One household counts a member too many, another one too few."""
    h = model.households
    full = np.flatnonzero(h.size > 1)
    h.size[full[0]] -= 1
    h.size[full[1]] += 1


def build_by_moving(model):
    """A dwelling goes along with somebody who moves: none is built or lost in all."""
    model.settlements.dwellings[0] -= 0.5
    model.settlements.dwellings[1] += 0.5


def lose_a_dwelling(model):
    model.settlements.dwellings[4] *= 1.0 - 1e-6


def grow_a_year_older_by_mistake(model):
    model.persons.birth_month[living(model)[5]] -= 12


def be_somebody_elses_namesake(model):
    """A newborn gets the uid of another."""
    p = model.persons
    born = np.arange(model.first_generation, len(p))
    if len(born) < 2 or model.names is None:
        pytest.skip("no two births")
    p.uid[born[-1]] = p.uid[born[0]]


def register_somebody_elsewhere(model):
    p, i = model.persons, living(model)[2]
    p.hukou_place[i] = (p.hukou_place[i] + 1) % model.world.n


def forget_a_degree(model):
    p = model.persons
    p.education[np.flatnonzero((p.alive == 1) & (p.education == 3))[0]] = 2


def owe_a_bank_that_lent_nothing(model):
    model.firms.debt[0] += 50


def take_from_one_firm_and_leave_the_books(model):
    model.firms.cash[1] -= 3


def close_a_firm_with_money_in_it(model):
    row = np.flatnonzero((model.employers.headcount[0::2] + model.employers.headcount[1::2] == 0) & (model.firms.alive == 1))
    if not len(row):
        pytest.skip("every firm has people")
    model.firms.alive[row[0]], model.firms.closed[row[0]] = 0, model.month
    model.employers.vacancies[2 * row[0] : 2 * row[0] + 2] = 0
    model.employers.filled[2 * row[0] : 2 * row[0] + 2] = 0


def close_a_firm_in_the_register_alone(model):
    model.firms.closed[0] = model.month


PLANTS = {
    register_somebody_elsewhere: "registered elsewhere",
    forget_a_degree: "less schooling",
    owe_a_bank_that_lent_nothing: "firms owe 50 fen",
    take_from_one_firm_and_leave_the_books: "firms: the books do not explain -3 fen",
    close_a_firm_with_money_in_it: "is closed and still has",
    close_a_firm_in_the_register_alone: "open and closed at once",
    move_without_a_word: "by moves, but the log",
    two_move_against_each_other_without_a_word: "no flow and no mover explains",
    keep_the_old_dwelling: "kept the old dwelling",
    pay_the_people_of_another_place: "no flow and no mover explains",
    pay_twice_and_book_once: "households: the books do not explain 5000 fen",
    book_a_payment_that_nobody_got: "households: the books do not explain -70 fen",
    lose_one_side_of_a_posting: "9 fen",
    take_from_one_purse_into_another: "government 0 holds -12 fen",
    borrow_without_owing: "debt of government 0",
    owe_without_borrowing: "debt of government 0",
    pay_the_dead: "dead and still holds",
    raise_the_dead: "lives again after death",
    hold_a_job_twice: "says it employs",
    fill_a_vacancy_twice: "vacancies",
    quit_and_keep_the_wage: "a wage without a job",
    work_where_the_firm_is_not: "works elsewhere",
    leave_a_partner_on_one_side: "partner who is dead or somebody else's",
    marry_round_in_a_circle: "partner who is dead or somebody else's",
    forget_a_child: "list of children|lists of children|no list",
    give_a_child_to_two: "list of children",
    count_a_member_too_many: "household 3 says it has",
    swap_members_between_households: "says it has",
    build_by_moving: "building and re-labelling explain",
    lose_a_dwelling: "settlement 4 has",
    grow_a_year_older_by_mistake: "never does",
    be_somebody_elses_namesake: "same uid|never does",
}
"""What is planted at the end of a month, and words of what the close must say."""


@pytest.fixture
def lived():
    """The teaching circle after three months."""
    model = MigrationModel("teaching", inversion=False)
    for _ in range(3):
        model.step()
    yield model
    model.close()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_slip_is_caught_at_the_close_of_its_month(plant, lived):
    plant_after(lived, "keep_registers", plant)
    with pytest.raises(InvariantBroken, match=PLANTS[plant]):
        lived.step()


def head_a_household_of_others(model):
    """A household has a head who belongs to another."""
    h = model.households
    a, b = np.flatnonzero(h.size > 1)[[0, 5]]
    h.head[a] = h.head[b]


def leave_a_minor_in_the_list_of_somebody_long_dead(model):
    """A child without a guardian is given to somebody who died before, list and all."""
    p = model.persons
    dead = np.flatnonzero((p.alive == 0) & (p.first_child < 0))
    dead = dead[0] if len(dead) else bury_quietly(model)
    owner = np.flatnonzero((p.alive == 1) & (p.first_child >= 0))
    owner = next(k for k in owner if p.next_sibling[p.first_child[k]] < 0 and model.month - p.birth_month[p.first_child[k]] < 100)
    child = p.first_child[owner]
    p.first_child[owner], p.first_child[dead], p.guardian[child] = -1, child, dead


RELATIONS = {
    head_a_household_of_others: "headed by somebody dead or of another household",
    leave_a_minor_in_the_list_of_somebody_long_dead: "a living minor in the list of children",
}
"""Relations that cost a look at somebody else take turns: one sixth of the rows a month."""


@pytest.mark.parametrize("plant", RELATIONS, ids=lambda plant: plant.__name__)
def test_a_relation_that_does_not_fit_is_caught_within_six_months(plant, lived):
    plant_after(lived, "keep_registers", plant)
    with pytest.raises(InvariantBroken, match=RELATIONS[plant]):
        for _ in range(6):
            lived.step()


@pytest.mark.parametrize("plant", RELATIONS, ids=lambda plant: plant.__name__)
def test_a_relation_that_does_not_fit_is_caught_at_once_at_a_checkpoint(plant, lived):
    invariants.check_everything(lived)
    plant(lived)
    with pytest.raises(InvariantBroken, match=RELATIONS[plant]):
        invariants.check_everything(lived)


def test_a_run_that_ends_with_a_value_out_of_range_says_so_and_is_not_done(tmp_path, monkeypatch):
    usual = MigrationModel.step

    def step(model):
        usual(model)
        if model.done:
            model.persons.disability[0] = 7  # after the last month was closed

    monkeypatch.setattr(MigrationModel, "step", step)
    with pytest.raises(InvariantBroken, match="column disability of row 0 holds 7"):
        run("teaching", months=2, folder=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))["status"] == "failed"
