"""How people live and what is shared: the middle, the poor, labour's part of the product, and the common-prosperity index."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from simulator.foundations.once import once
from simulator.foundations.units import FARMING, FEN, FLEXIBLE, RURAL
from simulator.kernels import incomes, measuring
from simulator.kernels.incomes import BINS, PER_OCTAVE
from simulator.measures import prosperity
from simulator.measures.national import FEWEST_AGENTS, Circles, ratio

MIDDLE_INCOME = (35_000.0, 175_000.0)
"""Yuan a head and year at 2020 prices: a family of three with 100 to 500 thousand yuan at 2018 prices (National Bureau of
Statistics), prices up by 5 %."""
POVERTY_LINE = 4_000.0
"""Yuan a head and year: the line of 2,300 yuan at 2010 prices as stated for 2020, rural people only."""

COLUMNS = (
    "income_mean", "middle_income_share", "poverty_headcount", "poverty_rate", "below_guarantee_line", "below_guarantee_share",
    "poverty_gap", "guarantee_missed_share", "guarantee_leaked_share", "guarantee_recipients", "left_behind_share", "labour_share", "common_prosperity",
)  # fmt: skip


def edges() -> np.ndarray:
    """Lower edges of the bins of income, fen a month; the first holds everything below the second."""
    k = np.arange(BINS + 1)
    low = 2.0 ** (incomes.LOWEST + k // PER_OCTAVE) * (1.0 + (k % PER_OCTAVE) / PER_OCTAVE)
    low[0] = 0.0
    return low


EDGES = edges()


def below(heads: np.ndarray, line) -> np.ndarray:
    """People below a line (fen a month, one a row or one for all) in histograms [rows, bins]; a bin on it is divided evenly."""
    out = np.empty(len(heads))
    measuring.people_below(heads, np.atleast_1d(np.asarray(line, dtype=np.float64)), EDGES, out)
    return out


def lacking(found, line: float) -> np.ndarray:
    """What people of each settlement lack together to a line, fen a month; in the bin that holds the line incomes lie evenly."""
    k = int(np.searchsorted(EDGES, line, side="right")) - 1
    whole = line * found.heads[:, :k].sum(axis=1) - found.total[:, :k].sum(axis=1)
    part = (line - EDGES[k]) / (EDGES[k + 1] - EDGES[k])
    return np.maximum(whole, 0.0) + found.heads[:, k] * part * (line - EDGES[k]) / 2.0


def coverage_errors(model, found, circles: Circles) -> tuple[np.ndarray, np.ndarray]:
    """Of the country: who lacks the guarantee and is below the usual line without it, and who gets it above the line in force.

    Shares of people, by household: income per head of those who share incomes, less the guarantee over its members.
    """
    homes, line, n = model.households, model.settlements.guarantee_line, len(circles.ids)
    members, households = np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64)
    columns, in_force = (homes.size, homes.dwelling, found.per_head, homes.guarantee), line * model.levers.guarantee_line

    def some(part) -> tuple[np.ndarray, np.ndarray]:
        sums = np.zeros((2, 4), dtype=np.int64)
        measuring.weigh_coverage(*(column[slice(*part)] for column in columns), line, in_force, *sums)
        return sums

    for own_members, own_households in model.crew.each(some, model.crew.shares(len(homes.size))):
        members += own_members
        households += own_households
    out = []
    for part, whole in ((1, 0), (3, 2)):
        share = np.full(n, np.nan)
        if households[whole] >= FEWEST_AGENTS:
            share[0] = members[part] / members[whole]
        out.append(share)
    return out[0], out[1]


def labour_and_product(model) -> tuple[np.ndarray, np.ndarray] | None:
    """(labour's part, product) of the month by settlement, fen; None before a month has been lived.

    Product: value added of firms, farm income, pay and commission of flexible work (platforms are firms). Labour: what
    firms pay with contributions and what surveys do not see, flexible pay, and farm income less the part of the land.
    """
    output = getattr(model, "output", None)
    if output is None:
        return None
    s, book = model.settlements, model.ledger
    farms = book.amounts[book.row["farm_sales"], 1].astype(np.float64)
    flexible = book.amounts[book.row["flexible_pay"], 1].astype(np.float64)
    land = float(model.scenario["farming.land_share"])
    return output.labour + flexible + (1.0 - land) * farms, output.value_added + flexible + farms


def measure_standards(model, found, counts, known: dict[str, np.ndarray], circles: Circles) -> dict[str, np.ndarray]:
    """The columns of `COLUMNS` by circle; `known` are the columns measured so far. People in agents."""
    unknown = np.full(len(circles.ids), np.nan)
    columns = dict.fromkeys(COLUMNS, unknown)
    columns["guarantee_recipients"] = circles.sums(model.settlements.guaranteed)
    shares = labour_and_product(model)
    if shares is not None:
        labour, product = (circles.sums(part) for part in shares)
        columns["labour_share"] = np.where(product > 0, labour / np.maximum(product, 1.0), np.nan)
    if found is None:
        return columns
    rural = model.world.kind == RURAL
    heads, _ = circles.everyone(found, rural)
    agents = heads.sum(axis=1)
    levers = model.levers.guarantee_line
    poor = circles.sums(np.where(rural, below(found.heads, POVERTY_LINE * FEN / 12.0), 0.0))
    needy = circles.sums(below(found.heads, model.settlements.guarantee_line * levers))
    low, high = (below(heads, line * FEN / 12.0) for line in MIDDLE_INCOME)
    children = circles.sums(counts.age[:, 0])
    columns |= {
        "income_mean": ratio(12 * circles.sums(found.earned) / FEN, agents),
        "middle_income_share": ratio(high - low, agents),
        "poverty_headcount": poor,
        "poverty_rate": ratio(poor, agents),
        "poverty_gap": ratio(circles.sums(np.where(rural, lacking(found, POVERTY_LINE * FEN / 12.0), 0.0)), POVERTY_LINE * FEN / 12.0 * circles.sums(np.where(rural, found.heads.sum(axis=1), 0))),
        **dict(zip(("guarantee_missed_share", "guarantee_leaked_share"), coverage_errors(model, found, circles), strict=True)),
        "below_guarantee_line": needy,
        "below_guarantee_share": ratio(needy, agents),
        "left_behind_share": ratio(circles.sums(found.left_behind[:, 0]), children),
    }
    everything = known | columns
    enough = (agents >= FEWEST_AGENTS) & (shares is not None)  # before a month has been lived nothing is known of labour's part
    columns["common_prosperity"] = np.where(enough, prosperity.index_of(once(model, "prosperity", prosperity.load_index), everything), np.nan)
    return columns


def talent_quotients(counts) -> np.ndarray:
    """Location quotient of talent: college-educated share of residents over the nation's, by settlement; NaN below 30 agents."""
    nation = counts.talent.sum() / max(counts.residents.sum(), 1)
    return ratio(counts.talent / max(nation, 1e-12), counts.residents)


# --- what each tenth of the people gets and gives ---------------------------------------------------


def decile_columns(model, found, circles: Circles) -> dict[str, np.ndarray]:
    """Public transfers got and taxes and contributions paid a head by tenth of the people, yuan a year."""
    n, persons, homes, s, get = model.world.n, model.persons, model.households, model.settlements, model.scenario
    table = model.income_table.copy()
    for state, pay in ((FARMING, s.farm_income), (FLEXIBLE, s.flexible_pay), (5, s.welfare_pay)):
        table[:, state, :] -= pay.astype(np.int64)[:, None]
    rate = float(get["household.employee_contributions"]) + float(get["household.income_tax"])
    people, aid = persons.bundle(incomes.SurveyedPeople), np.int64(float(get["floor.disability_aid"]) * FEN)
    threshold = float(get["household.top_tax_threshold"]) * FEN

    def some(part) -> np.ndarray:
        rows, houses = part
        sums = np.zeros((2, n, BINS), dtype=np.int64)
        incomes.spread_transfers(people, found.own, found.per_head, table, rate, model.levers.top_tax, threshold, *sums, *rows)
        incomes.spread_help(people, found.own, found.per_head, homes.head, homes.guarantee, homes.aided, aid, sums[0], *houses)
        return sums

    shares = [model.crew.shares(len(table)) for table in (persons, homes)]
    got, gave = sum(model.crew.each(some, list(zip_longest(*shares, fillvalue=(0, 0)))))
    heads, _ = circles.everyone(found, model.world.kind == RURAL)
    of_circles, nowhere = np.zeros((2, 1, len(heads), BINS), dtype=np.int64), np.zeros(n, dtype=np.int64)
    measuring.spread_by_circle(got, gave, circles.place_in, nowhere, of_circles)
    columns = {}
    for name, totals in zip(("transfers_pc", "tax_pc"), of_circles[:, 0], strict=True):
        values = np.empty((len(heads), 10))
        incomes.means_of_parts(heads, totals, values)
        values = values * 12 / FEN
        values[heads.sum(axis=1) < 10 * FEWEST_AGENTS] = np.nan
        columns[name] = values.ravel()
    return columns
