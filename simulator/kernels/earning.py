"""What everyone earns, spends and saves in a month, and what they learn by working."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.labour import consumption_of, farm_income, flexible_pay, grown_wage
from simulator.kernels.memory import uncounted

FARMING, FLEXIBLE, WELFARE_JOB, RETIRED = 3, 4, 5, 7
N_STATES = 9
N_INSURANCES = 3
N_SKILLS = 2
MOST_MONTHS_WORKED = 1200
MOST_MONTHS_AWAY = 2400
TWELVE_BITS = 4095


class Earners(NamedTuple):
    """The columns of persons that the month's pay reads or writes."""

    alive: np.ndarray
    state: np.ndarray
    insurance: np.ndarray
    hukou_place: np.ndarray
    residence: np.ndarray
    months_away: np.ndarray
    experience: np.ndarray
    worked_months: np.ndarray
    employer: np.ndarray
    wage: np.ndarray
    savings: np.ndarray
    received: np.ndarray


class PlacePay(NamedTuple):
    """What places pay and take this month."""

    incomes: np.ndarray  # i8[n, state, scheme] fen: farm, flexible work, pension, transfers
    property_rate: np.ndarray  # f8[n] property income a month for a fen of savings
    top_tax: np.ndarray  # f8[n] share of pay above the threshold, taken on top


class SpendingRules(NamedTuple):
    """Scalars of a month's spending."""

    consume_income: float
    consume_wealth: float
    target_months: float
    housing_share: float
    top_threshold: float
    long_profile_months: int


WAGES, PROPERTY, TOP_TAX, SPENT, RENT, WEALTH = range(6)
"""Columns of the totals of a month by residence, fen: take-home pay, property income, tax on top pay, spending
in all, rent in it, and what people hold at the end."""
N_TOTALS = 6


@njit(nogil=True, cache=True)
def set_farm_incomes(productivity, lever, farmers_base, farmers, land_share, out):
    """Income of a farmer in every place, fen a month."""
    for j in range(len(out)):
        out[j] = farm_income(productivity[j] * lever[j], farmers_base[j], farmers[j], land_share)


@njit(nogil=True, cache=True)
def set_flexible_pay(wage, wage_base, share, workers, workers_base, residents, residents_base, elasticity, out):
    """Pay of flexible work in every place, fen a month."""
    for j in range(len(out)):
        growth = wage[j, 0] / wage_base[j, 0] if wage_base[j, 0] > 0.0 else 1.0
        out[j] = flexible_pay(share * wage_base[j, 0], growth, workers[j], workers_base[j], residents[j],
                              residents_base[j], elasticity)  # fmt: skip


@njit(nogil=True, cache=True)
def tabulate_incomes(farm, flexible, pension, welfare_pay, transfer_income):
    """Income without wage and property, whole fen, by (place, state, insurance): one look-up a person.

    Each component is cut to whole fen on its own, so that the books can name it.
    """
    n = len(farm)
    table = np.zeros((n, N_STATES, N_INSURANCES), dtype=np.int64)
    for j in range(n):
        for state in range(N_STATES):
            for scheme in range(N_INSURANCES):
                income = np.int64(transfer_income[j])
                if state == FARMING:
                    income += np.int64(farm[j])
                elif state == FLEXIBLE:
                    income += np.int64(flexible[j])
                elif state == WELFARE_JOB:
                    income += np.int64(welfare_pay[j])
                elif state == RETIRED:
                    income += np.int64(pension[j, scheme])
                table[j, state, scheme] = income
    return table


@njit(nogil=True, cache=True)
def property_income_of(rate, savings):
    """Property income of a month, whole fen: interest and dividends in proportion to what is held."""
    return np.int64(rate * max(savings, 0))


@njit(nogil=True, cache=True)
def top_tax_of(rate, wage, threshold):
    """Tax on pay above a threshold, whole fen: nothing at rate 0."""
    return np.int64(rate * max(0.0, wage - threshold))


@njit(nogil=True, cache=True)
def rent_of(consumption, housing_share, away):
    """Rent a month, whole fen: the housing share of spending, paid by those who live away from their hukou place."""
    return np.int64(consumption * housing_share) * np.int64(away)


@njit(nogil=True, cache=True)
def tabulate_rises(wage_growth, experience_rise):
    """Factor on pay this month by (place, skill, long career)."""
    rises = np.empty((wage_growth.shape[0], N_SKILLS, 2))
    for j in range(wage_growth.shape[0]):
        for skill in range(N_SKILLS):
            rises[j, skill, 1] = wage_growth[j, skill]
            rises[j, skill, 0] = wage_growth[j, skill] * experience_rise
    return rises


CHUNK = 512
"""People who are paid together: what lies between the steps stays in the nearest memory."""
COUNTS = 4
"""Counts that take turns."""


@njit(nogil=True, cache=True)
def bits_by_state(flags):
    """0/1 by state as bits of one number."""
    bits = np.uint32(0)
    for state in range(len(flags)):
        bits |= np.uint32(flags[state] << state)
    return bits


@uncounted
def count_months(alive, state, away, paid_bits, learn_bits, months_away, experience, worked_months):
    """One month more away from the hukou place, of experience and of the last twelve months' work, for the living."""
    for k in range(len(alive)):
        was = np.uint32(months_away[k])
        now = min(was + np.uint32(1), np.uint32(MOST_MONTHS_AWAY)) * np.uint32(away[k])
        months_away[k] = was + np.uint32(alive[k]) * (now - was)
    for k in range(len(alive)):
        was = np.uint32(worked_months[k])
        now = ((was << np.uint32(1)) & np.uint32(TWELVE_BITS)) | ((paid_bits >> np.uint32(state[k])) & np.uint32(1))
        worked_months[k] = was + np.uint32(alive[k]) * (now - was)
    for k in range(len(alive)):
        learns = np.uint32(alive[k]) & (learn_bits >> np.uint32(state[k]))
        experience[k] = min(np.uint32(experience[k]) + learns, np.uint32(MOST_MONTHS_WORKED))


@uncounted
def balance_budgets(alive, away, income, rate, rules, savings, received, flows):
    """Spending and savings of a month; into `flows[kind, person]` what is added up by place, 0 for the dead.

    `income` comes without pay and property income. The dead come with 0 for it, for `rate` and for pay. Short loops over few
    columns: a processor then takes several people at a time.
    """
    consume_income, consume_wealth, target_months = rules.consume_income, rules.consume_wealth, rules.target_months
    pay, gains, spent, rent, wealth = flows[WAGES], flows[PROPERTY], flows[SPENT], flows[RENT], flows[WEALTH]
    many = len(alive)
    for k in range(many):
        gains[k] = property_income_of(rate[k], savings[k])
    for k in range(many):
        income[k] += pay[k] + gains[k]
    for k in range(many):
        got = np.int64(received[k])
        spending = consumption_of(income[k] + got, savings[k] - got, consume_income, consume_wealth, target_months)
        spent[k] = spending * np.int64(alive[k])
    for k in range(many):
        savings[k] += income[k] - spent[k]
        wealth[k] = max(savings[k], 0) * np.int64(alive[k])
    for k in range(many):
        received[k] *= np.int32(1) - np.int32(alive[k])
    for k in range(many):
        rent[k] = rent_of(spent[k], rules.housing_share, away[k])


@uncounted
def find_runs(residence, differs, eight, ends):
    """Where runs of people who live in one place end, into `ends`; returns how many there are.

    `eight` looks at `differs` eight people at a time: mostly nobody among them lives elsewhere than the one before.
    """
    many, count = len(residence), 0
    for k in range(many - 1):
        differs[k] = residence[k] != residence[k + 1]
    for k in range(many - 1, (many + 7) // 8 * 8):
        differs[k] = 0
    for word in range((many + 7) // 8):
        if eight[word] != 0:
            for k in range(word * 8, word * 8 + 8):
                ends[count] = k + 1
                count += np.int64(differs[k])
    ends[count] = many
    return count + 1


@uncounted
def longest_run(ends, runs):
    """The first person of the longest run: most of a chunk live where this one lives."""
    first, longest, begins = np.uint32(0), np.uint32(0), np.uint32(0)
    for r in range(runs):
        last = np.uint32(ends[r])
        if last - first > longest:
            longest, begins = last - first, first
        first = last
    return begins


@uncounted
def add_by_place(residence, ends, runs, most, flows, totals):
    """Add flows[kind, person] to totals[place, kind]: everyone is put down to the place `most`, where most of them live; whoever lives
    elsewhere is taken out again."""
    first = np.uint32(0)
    out_pay = out_gain = out_spent = out_rent = out_wealth = np.int64(0)
    for r in range(runs):
        last = np.uint32(ends[r])
        home = np.uint32(residence[first])
        if home != most:
            pay = gain = consumption = rent = wealth = np.int64(0)
            for k in range(first, last):
                pay += flows[WAGES, k]
                gain += flows[PROPERTY, k]
                consumption += flows[SPENT, k]
                rent += flows[RENT, k]
                wealth += flows[WEALTH, k]
            totals[home, WAGES] += pay
            totals[home, PROPERTY] += gain
            totals[home, SPENT] += consumption
            totals[home, RENT] += rent
            totals[home, WEALTH] += wealth
            out_pay += pay
            out_gain += gain
            out_spent += consumption
            out_rent += rent
            out_wealth += wealth
        first = last
    many = len(residence)
    pays, gains, spent, rents, wealths = flows[WAGES, :many], flows[PROPERTY, :many], flows[SPENT, :many], flows[RENT, :many], flows[WEALTH, :many]
    pay = gain = consumption = rent = wealth = np.int64(0)
    for k in range(many):
        pay += pays[k]
        gain += gains[k]
        consumption += spent[k]
        rent += rents[k]
        wealth += wealths[k]
    totals[most, WAGES] += pay - out_pay
    totals[most, PROPERTY] += gain - out_gain
    totals[most, SPENT] += consumption - out_spent
    totals[most, RENT] += rent - out_rent
    totals[most, WEALTH] += wealth - out_wealth


@njit(nogil=True, cache=True)
def pay_and_spend(people, places, lines, rises, paid_states, experience_states, rules, bill, totals, heads, where, lo, hi):
    """One month of money and work for the people in [lo, hi); adds up what was paid in three tables.

    `bill[employer]` gets take-home pay by job line; `totals[place]` the columns named `WAGES` ...
    `WEALTH` by residence; `heads[place, state, scheme]` those who got the income of the table; `where`
    notes where everyone lives (the dead: 65,535), for those who look for their families.

    A wage follows the market of its job line (`lines`: place and skill), and experience until a career is long (`rises`); property
    income follows savings; all other income comes from the table of incomes. Spending looks at this
    and at what was `received` since the last pay (remittances, rents, benefits), which savings hold
    already.
    """
    taxed = False
    for j in range(len(places.top_tax)):
        taxed = taxed or places.top_tax[j] != 0.0
    hired, cells, away = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint8)
    income, rates, eight, ends = np.empty(CHUNK, np.int64), np.empty(CHUNK), np.empty(CHUNK // 8, np.uint64), np.empty(CHUNK + 9, np.uint32)
    flows, counts = np.zeros((N_TOTALS, CHUNK), np.int64), np.zeros(heads.size * COUNTS, np.uint32)
    _pay_by_chunks(
        people, places.incomes.reshape(-1), places.property_rate, places.top_tax, taxed, lines, rises.reshape(-1),
        bits_by_state(paid_states), bits_by_state(experience_states), rules,
        (hired, cells, away, income, rates, eight.view(np.uint8), eight, ends), flows, bill, totals, counts, where, lo, hi,
    )  # fmt: skip
    paid = heads.reshape(-1)
    for cell in range(len(paid)):
        for k in range(COUNTS):
            paid[cell] += counts[cell * COUNTS + k]


@uncounted
def _pay_by_chunks(
    people, incomes, property_rate, top_tax, taxed, lines, factors, paid_bits, learn_bits, rules, room, flows, bill, totals, counts, where, lo, hi
):
    """Step by step for a chunk of people: look-ups, then wages of those with an employer, then plain sums over columns, in
    which the dead are carried along with factors of 0."""
    hired, cells, away, income, rates, differs, eight, ends = room
    threshold, long_profile_months = rules.top_threshold, rules.long_profile_months
    place, skill = lines
    for start in range(lo, hi, CHUNK):
        stop = min(start + CHUNK, hi)
        alive, state, insurance = people.alive[start:stop], people.state[start:stop], people.insurance[start:stop]
        hukou_place, residence = people.hukou_place[start:stop], people.residence[start:stop]
        experience, employer, wages = people.experience[start:stop], people.employer[start:stop], people.wage[start:stop]
        many, jobs, pay = stop - start, 0, flows[WAGES]
        runs = find_runs(residence, differs, eight, ends)
        most, first = np.uint32(residence[longest_run(ends, runs)]), np.uint32(0)
        rates[:many] = property_rate[most]
        for r in range(runs):
            last, home = np.uint32(ends[r]), np.uint32(residence[first])
            if home != most:
                for k in range(first, last):
                    rates[k] = property_rate[home]
            first = last
        for k in range(many):
            rates[k] *= np.float64(alive[k])
        for k in range(many):
            away[k] = residence[k] != hukou_place[k]
        found = where[start:stop]
        for k in range(many):
            found[k] = np.uint16(residence[k]) | (np.uint16(alive[k]) - np.uint16(1))
        for k in range(many):
            home, doing = np.uint32(residence[k]), np.uint32(state[k])
            cells[k] = (home * np.uint32(N_STATES) + doing) * np.uint32(N_INSURANCES) + np.uint32(insurance[k])
        for k in range(many):
            income[k] = incomes[cells[k]] * np.int64(alive[k])
        for k in range(many):
            pay[k] = np.int64(wages[k]) * np.int64(alive[k])
        for k in range(many):  # in turn: many neighbours do the same, and one count would wait for the other
            counts[cells[k] * np.uint32(COUNTS) + np.uint32(k % COUNTS)] += np.uint32(alive[k])
        for k in range(many):
            hired[jobs] = k
            jobs += np.int64(employer[k] >= 0) & np.int64(alive[k])
        for q in range(jobs):
            k = hired[q]
            line = np.uint32(employer[k])
            market = np.uint32(place[line]) * np.uint32(N_SKILLS) + np.uint32(skill[line])
            wage = grown_wage(wages[k], factors[market * np.uint32(2) + np.uint32(experience[k] >= long_profile_months)])
            wages[k] = wage
            pay[k] = wage
            bill[line] += wage
        if taxed:
            for k in range(many):
                tax = top_tax_of(top_tax[residence[k]], pay[k], threshold)
                totals[residence[k], TOP_TAX] += tax
                income[k] -= tax
        count_months(
            alive, state, away, paid_bits, learn_bits, people.months_away[start:stop], experience, people.worked_months[start:stop]
        )
        balance_budgets(alive, away, income, rates, rules, people.savings[start:stop], people.received[start:stop], flows)
        add_by_place(residence, ends, runs, most, flows, totals)


@njit(nogil=True, cache=True)
def property_of_everyone(residence, savings, rate):
    """Property income of a month of everyone, whole fen."""
    out = np.zeros(len(residence), dtype=np.int64)
    for i in range(len(residence)):
        out[i] = property_income_of(rate[residence[i]], savings[i])
    return out


@njit(nogil=True, cache=True)
def plan_rents(people, flat, incomes, rules, out):
    """Rents that those away from their hukou place would pay, by residence, with property income `flat` a head."""
    for i in range(len(people.alive)):
        home = people.residence[i]
        if people.alive[i] == 1 and home != people.hukou_place[i]:
            income = incomes[home, people.state[i], people.insurance[i]] + np.int64(flat[home]) + people.wage[i]
            spent = consumption_of(income, people.savings[i], rules.consume_income, rules.consume_wealth, rules.target_months)
            out[home] += rent_of(spent, rules.housing_share, True)
