"""Who thinks of moving this month, where they choose to live, and the moves that follow.

Stay, move on, one adult goes, reunite, return: one choice over places (see `kernels.choosing`),
read from tables frozen at the start of the step, so that it does not matter who is asked first;
moves are then carried out one by one in keyed order (see `kernels.relocating`).
"""

from __future__ import annotations

import numpy as np

from simulator.foundations import streams
from simulator.foundations.once import once
from simulator.foundations.units import AGE_GROUP_START, COLLEGE, FEN, month_of_year
from simulator.kernels.choosing import NOTHING_KEPT, Movers, Places, Weights, hear_from_home
from simulator.kernels.classes import N_CLASSES
from simulator.kernels.considering import Boosts, Considerers, chance_of, consider_moving, join_lists, rogers_castro
from simulator.kernels.deciding import choose_places
from simulator.kernels.relocating import Ground, Jobs, Removals, carry_out_moves, move_dwellings, move_priority
from simulator.kernels.sampling import build_alias
from simulator.state.offers import GRADUATE_GRANT, NEW_GRADUATE_MONTHS, RECENT_GRADUATE_MONTHS

WRITES = {
    "persons": (
        "residence", "county_residence", "township_apart", "last_move", "last_return", "returned_from", "savings",
        "state", "employer", "workplace", "wage",
    ),
    "households": ("dwelling",),
    "settlements": ("ties_utility", "ties_known"),
    "employers": ("headcount", "separations", "filled"),
}  # fmt: skip

AGES = 111
MOVERS_FROM = next(k for k, stop in enumerate((*AGE_GROUP_START[1:], AGES)) if stop > 16)
"""First age group with anybody above 15."""
TIES_SMOOTHING = 0.05
"""Weight of the base-year gravity prior beside the counted share of home (assumed)."""
LIFE_STAGES = 4
COUNTY_HOURS = {"provinces": 1.5, "prefectures": 0.8}
"""Hours between two counties of one settlement, by level of the world (assumed; a province's cell is wide)."""

SERVICE_SHARES = (0.27, 0.27, 0.10, 0.20, 0.10, 0.06)
"""How the service weight splits over education, health, elder care, housing, culture, child welfare (assumed)."""


class MigrationTables:
    """What a world's migration choice reads and no month changes: distances, sampling laws, counties."""

    def __init__(self, model):
        world, value = model.world, model.scenario
        hours = world.hours.astype(np.float64)
        self.base_hours = hours
        self.log_hours = np.log1p(hours).astype(np.float32)
        self.km = great_circle_km(world.lon, world.lat, hours).astype(np.float32)
        population = world.population.astype(np.float64)
        pull = population[None, :] * (hours + 0.25) ** -value["migration.gravity_exponent"]
        np.fill_diagonal(pull, 0.0)
        self.gravity_p = rows_to_one(pull)
        self.gravity_prob, self.gravity_alias = build_alias(self.gravity_p)
        # base-year shares of home: nobody's future draws depend on what a policy does
        counts = model.settlements.ties_count.astype(np.float64)
        prior = rows_to_one(pull + np.diag(19.0 * pull.sum(axis=1)))
        model.settlements.ties_prior[...] = prior
        share = (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) + 0.05 * prior) / 1.05
        share = np.maximum(share, 1e-6)
        np.fill_diagonal(share, 0.0)
        self.tie_p = rows_to_one(share)
        self.tie_prob, self.tie_alias = build_alias(self.tie_p)
        start, weight = world.county_cell_start, world.county_cell_weight.astype(np.float64)
        other = np.full(world.n, -99.0)
        for j in range(world.n):
            part = weight[start[j] : start[j + 1]]
            if len(part) > 1 and part.sum() > 0:
                left = 1.0 - float(((part / part.sum()) ** 2).sum())
                if left > 1e-9:
                    apart = COUNTY_HOURS.get(world.level, 0.4)
                    further = max(0.0, np.log1p(apart) - float(self.log_hours[j, j]))
                    other[j] = np.log(left) - value["migration.distance_weight"] * further
        self.other_county_log = other
        self.county_start = start.astype(np.int64)
        self.county_list = world.county_cell_list.astype(np.int64)
        self.county_weight = weight
        self.log_size = np.log(np.maximum(population, 1.0))
        self.rogers_castro = rogers_castro_table(value)
        self.rate_norm = self._norm(model)
        hear_news(model, everyone=True)

    def _norm(self, model) -> float:
        """The factor that makes the mean rate of the base-year population one, before lambda0."""
        p = model.persons
        age = np.minimum((model.month - p.birth_month[p.alive == 1].astype(np.int64)) // 12, AGES - 1)
        weight = education_weights(model.scenario)[p.education[p.alive == 1]]
        mean = float((self.rogers_castro[age] * weight).mean()) if len(age) else 1.0
        return 1.0 / mean


def rows_to_one(matrix: np.ndarray) -> np.ndarray:
    """Each row divided by its sum (rows of zeros stay even over all columns)."""
    total = matrix.sum(axis=1, keepdims=True)
    even = np.full_like(matrix, 1.0 / matrix.shape[1])
    return np.where(total > 0, matrix / np.where(total > 0, total, 1.0), even)


def great_circle_km(lon: np.ndarray, lat: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Kilometres between places; at least 30 a travel hour, so that a place has an inside."""
    lon, lat = np.radians(lon.astype(np.float64)), np.radians(lat.astype(np.float64))
    a = (
        np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat[None, :]) * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    )
    return np.maximum(12742.0 * np.arcsin(np.sqrt(np.clip(a, 0.0, 1.0))), 30.0 * hours)


def rogers_castro_table(value) -> np.ndarray:
    """The schedule at single ages 0..110."""
    names = ("a1", "alpha1", "a2", "alpha2", "mu2", "lambda2", "c")
    return np.array([rogers_castro(float(age), *[float(value[f"migration.rc_{k}"]) for k in names]) for age in range(AGES)])


def education_weights(value) -> np.ndarray:
    """e(education): how readily people of each schooling consider a move."""
    return np.array([value[f"migration.consider_{k}"] for k in ("primary", "junior", "senior", "college")])


def season(value, calendar_month: int) -> float:
    """s(calendar month), mean one over the year: the peak after Spring Festival (visits are not moves)."""

    def raw(month: int) -> float:
        if month == 2:
            return value["migration.season_feb"]
        if month == 3:
            return value["migration.season_mar"]
        if month in (6, 7, 8):
            return value["migration.season_summer"]
        return value["migration.season_other"]

    return raw(calendar_month) * 12.0 / sum(raw(month) for month in range(1, 13))


def base_rates(model) -> np.ndarray:
    """lambda0 RC(age) e(education) s(month), f8[age 0..110, education 4], a month."""
    kept = model.__dict__.get("rates_now")
    if kept is not None and kept[0] == model.month and kept[1] is model.scenario and kept[2] is model.migration_tables:
        return kept[3]
    value, tables = model.scenario, model.migration_tables
    seasons = once(model, "seasons", lambda: [season(value, month) for month in range(1, 13)])
    level = (
        value["migration.consider_rate"]
        * seasons[month_of_year(model.month) - 1]
        * model.driver("mobility")
        * tables.rate_norm
    )
    weights = once(model, "education_weights", lambda: education_weights(value))
    rates = level * tables.rogers_castro[:, None] * weights[None, :]
    model.rates_now = model.month, value, tables, rates
    return rates


def boosts_of(value) -> Boosts:
    """Factors on the rate of considering for what just happened."""
    return Boosts(
        float(value["migration.boost_tie_offer"]),
        float(value["migration.boost_school_child"]),
        float(value["migration.boost_parent_alone"]),
    )


def bounds(model) -> np.ndarray:
    """Upper bounds of the monthly probability of considering, by screening class."""
    rates = base_rates(model) * float(model.levers.mobility.max(initial=0.0))
    most = boosts_of(model.scenario)
    factor = most.tie_offer * most.school_child * most.parent_alone
    highest = np.maximum.reduceat(rates, AGE_GROUP_START, axis=0)
    out = np.zeros((len(AGE_GROUP_START), N_CLASSES // (2 * len(AGE_GROUP_START)), 2))
    without, college = (highest[:, :3].max(axis=1) * factor).tolist(), (highest[:, 3] * factor).tolist()
    for k, by_group in enumerate((without, college)):
        out[MOVERS_FROM:, :, k] = np.array([chance_of(rate) for rate in by_group[MOVERS_FROM:]])[:, None]
    return out.reshape(-1)


def weights_of(model) -> Weights:
    """The behavioural weights in force this month (the cost of moving falls over the decades)."""
    value = model.scenario
    at_base, decline, leaving_share = once(model, "choice_weights", lambda: _weights_at_base(value))
    moving_cost = at_base.moving_cost * (1.0 - decline) ** ((model.month - model.world.base_month) / 120.0)
    return at_base._replace(moving_cost=moving_cost, leaving_college=moving_cost * leaving_share)


def _weights_at_base(value) -> tuple[Weights, float, float]:
    """(weights in the base year, decline of the cost of moving a decade, share of it that leaving college costs)."""
    moving_cost = float(value["migration.moving_cost"])
    weights = Weights(
        income=float(value["migration.income_weight"]),
        known=float(value["migration.known_person_weight"]),
        moving_cost=moving_cost,
        distance=float(value["migration.distance_weight"]),
        home=float(value["migration.home_distance_weight"]),
        family=float(value["migration.family_distance_weight"]),
        income_floor=float(value["migration.income_floor"]) * FEN,
        search_farming=float(value["labour.search_weight_farming"]),
        search_flexible=float(value["labour.search_weight_flexible"]),
        pay_sd=float(value["labour.pay_dispersion"]),
        experience_return=float(value["labour.experience_return"]),
        cost_per_km=float(value["migration.move_cost_per_km"]) * FEN,
        own_county_share=0.5,
        m=int(value["migration.choice_set_size"]),
        full=int(value["migration.full_choice"]),
        leaving_college=0.0,
    )
    return weights, value["migration.moving_cost_decline"], float(value["migration.leaving_college_share"])


def entitlements(model) -> np.ndarray:
    """a(i,j,s): share of each service a newcomer without hukou in j can use, f8[n, 6]."""
    access, open_ = once(model, "entitlements", lambda: _entitlements_at_rest(model)), model.levers.entitlement_open
    return access + (1.0 - access) * np.clip(open_, 0.0, 1.0) if open_.any() else access


def _entitlements_at_rest(model) -> np.ndarray:
    value, kinds = model.scenario, ("education", "health", "other", "housing", "other", "other")
    base = np.array([value[f"hukou.access_{kind}"] for kind in kinds])
    return np.clip(base[None, :] - value["hukou.strict_penalty"] * model.world.strictness[:, None], 0.0, 1.0)


def place_values(model) -> np.ndarray:
    """V(j, life stage, entitlement): size, residual, services, rent and prices, f8[n, 4, 2]."""
    value, s = model.scenario, model.settlements
    weights = value["migration.service_weight"] * np.array(SERVICE_SHARES)
    stages = np.tile(weights, (LIFE_STAGES, 1))
    stages[1, [0, 5]] *= value["migration.school_parent_factor"]
    stages[3, [1, 2]] *= value["migration.elder_factor"]
    cost_of_living = value["migration.income_weight"] * (
        value["housing.housing_share"] * np.log(s.rent) + value["housing.service_price_share"] * np.log(s.service_price)
    )
    base = value["migration.size_weight"] * model.migration_tables.log_size + s.amenity - cost_of_living
    out = np.empty((model.world.n, LIFE_STAGES, 2))
    full = np.log1p(np.maximum(s.service_supply, 0.0))
    part = np.log1p(entitlements(model) * np.maximum(s.service_supply, 0.0))
    for stage in range(LIFE_STAGES):
        out[:, stage, 0] = base + full @ stages[stage]
        out[:, stage, 1] = base + part @ stages[stage]
    return out


def log_hours_now(model) -> np.ndarray:
    """ln(1 + hours) between places this month, f4[n, n]: links inside a circle shorten its hours, others stay.

    The lever is read at both ends (their geometric mean); at rest it is the table of the base year.
    """
    faster, tables = model.levers.travel_time, model.migration_tables
    if (faster == 1.0).all():
        return tables.log_hours
    circle = model.world.circle
    factor = np.sqrt(faster[:, None] * faster[None, :])
    return np.where(circle[:, None] == circle[None, :], np.log1p(tables.base_hours * factor), tables.log_hours).astype(np.float32)


def grants_on_offer(model, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(rent relief by place, who is a recent graduate, grant here, grant at the root) for considerers `rows`.

    All empty when no money is on offer. A new graduate who has not yet been granted anything counts
    on the grant of the place of study and of the root; who is being paid counts on what is left of
    it while staying.
    """
    nothing = np.zeros(0)
    levers, programmes = model.levers, model.programmes
    standing = programmes.claims[programmes.claims["kind"] == GRADUATE_GRANT]
    if not (levers.rent_relief.any() or levers.graduate_grant.any() or len(standing)):
        return nothing, nothing, nothing, nothing
    p, month = model.persons, model.month
    left = p.left_study[rows]
    college = (p.education[rows] == COLLEGE) & (left <= month)
    recent = (college & (left > month - RECENT_GRADUATE_MONTHS)).astype(np.float64)
    new = college & (left > month - NEW_GRADUATE_MONTHS) & ~np.isin(rows, standing["row"])
    here, root = p.residence[rows], p.root[rows]
    counts_here = new & ((here == p.study_place[rows]) | (here == root))
    grant_here = np.where(counts_here, levers.graduate_grant[here], 0.0)
    grant_root = np.where(new, levers.graduate_grant[root], 0.0)
    paid = standing[(standing["left"] > 0) & (standing["granted"] == 1)]
    if len(rows) and len(paid):  # who is being paid counts on it while staying; considerers stand in ascending order
        at = np.minimum(np.searchsorted(rows, paid["row"]), len(rows) - 1)
        held = (rows[at] == paid["row"]) & (here[at] == paid["place"])
        np.add.at(grant_here, at[held], paid["amount"][held])
    return levers.rent_relief, recent, grant_here, grant_root


def places_now(model, rows: np.ndarray | None = None) -> Places:
    """The tables a considerer reads, as they stand at the start of the step; `rows` are the considerers."""
    s, t = model.settlements, model.migration_tables
    offered = (np.zeros(0),) * 4 if rows is None else grants_on_offer(model, rows)
    chance = s.finding_rate / np.maximum(s.finding_rate + s.separation_rate, 1e-12)
    national = s.finding_national / np.maximum(s.finding_national + s.separation_national, 1e-12)
    return Places(
        value=place_values(model),
        wage=s.wage,
        chance=chance,
        chance_national=national,
        finding=s.finding_rate,
        separation=s.separation_rate,
        farm_income=s.farm_income,
        flexible_pay=s.flexible_pay,
        other_income=s.transfer_income + s.property_income + s.beside,
        log_hours=log_hours_now(model),
        km=t.km,
        ties_utility=s.ties_utility,
        ties_known=s.ties_known,
        gravity_prob=t.gravity_prob,
        gravity_alias=t.gravity_alias,
        gravity_p=t.gravity_p,
        tie_prob=t.tie_prob,
        tie_alias=t.tie_alias,
        tie_p=t.tie_p,
        other_county_log=t.other_county_log,
        move_pay=move_pay(model),
        cost_relief=model.levers.moving_cost_relief,
        rent_relief=offered[0],
        recent=offered[1],
        grant_here=offered[2],
        grant_root=offered[3],
    )


def move_pay(model) -> np.ndarray:
    """The part of a removal's cost that is pay forgone: a share of a month's wage at the origin, fen."""
    return model.scenario["migration.move_cost_wage_share"] * model.settlements.wage[:, 0]


NEWS_MONTHS = 12
"""Months in which news of who lives where reaches all roots: a twelfth of them each month (assumed)."""


def hear_news(model, everyone: bool = False) -> None:
    """Tell the people of a twelfth of the roots (or of all) where those from home live now."""
    value, s = model.scenario, model.settlements
    first, step = (0, 1) if everyone else (model.month % NEWS_MONTHS, NEWS_MONTHS)
    hear_from_home(
        first, step, s.ties_count, s.ties_prior, TIES_SMOOTHING,
        float(value["migration.ties_weight"]), float(value["migration.ties_scale"]),
        float(value["migration.belief_base"]), s.ties_utility, s.ties_known,
    )  # fmt: skip


def ground_now(model) -> Ground:
    """The tables a removal needs."""
    t = model.migration_tables
    return Ground(
        hours=model.world.hours,
        km=t.km,
        county_start=t.county_start,
        county_list=t.county_list,
        county_weight=t.county_weight,
        market_wage=model.settlements.wage,
        move_pay=move_pay(model),
        cost_relief=model.levers.moving_cost_relief,
    )


CANDIDATES, CONSIDERERS = 8192, 2048
"""Those who may consider a move, and those who do, in a piece of work: they cost far more than a row of an ordinary pass."""
LAST_PIECES = 4
"""The end of a list is cut into pieces this many times smaller, so that threads end at nearly the same time."""


def run_in_pieces(model, kernel, n: int, piece: int, *args) -> list:
    """Give people to the crew in small fixed pieces; results in order."""
    large = max(n // piece - 1, 0) * piece
    small = -(-piece // LAST_PIECES) if model.crew.threads > 1 else piece
    pieces = [(lo, lo + piece) for lo in range(0, large, piece)]
    pieces += [(lo, min(lo + small, n)) for lo in range(large, n, small)]
    return model.crew.each(lambda piece: kernel(*args, *piece), pieces)


def considerers(model, open_jobs: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(rows, offers): everyone who chooses a place this month, ascending, and the tie who offers one of the open jobs."""
    if open_jobs is None:
        open_jobs = model.employers.vacancies - model.employers.filled
    persons = model.persons
    candidates = model.candidates[streams.CONSIDER]
    must = forced_considerers(model)
    facts = (
        model.bounds[streams.CONSIDER], model.screen_class, np.int64(model.month), model.seed, persons.bundle(Considerers),
        base_rates(model), model.levers.mobility, boosts_of(model.scenario), open_jobs,
    )  # fmt: skip

    def accept(who: np.ndarray, piece: int, forced: bool) -> tuple[np.ndarray, np.ndarray]:
        kept, offers = np.empty(len(who), np.int32), np.empty(len(who), np.int32)

        def one_piece(lo: int, hi: int) -> tuple[np.ndarray, np.ndarray, int]:
            found, broken = consider_moving(who, *facts, forced, kept, offers, lo, hi)
            return kept[lo : lo + found], offers[lo : lo + found], broken

        found = run_in_pieces(model, one_piece, len(who), piece)
        for *_, broken in found:
            if broken >= 0:
                model.stop(f"the rate of considering a move of person {persons.uid[broken]} is above its bound")
        if not found:
            return kept, offers
        return np.concatenate([rows for rows, *_ in found]), np.concatenate([offers for _, offers, _ in found])

    rows, offers = accept(candidates, CANDIDATES, False)
    if len(must):
        rows, offers = join_lists(rows, offers, *accept(must, CONSIDERERS, True))
    return rows, offers


def forced_considerers(model) -> np.ndarray:
    """Rows of those who must think of moving this month, ascending: job losers and graduates, alive and out of school."""
    persons = model.persons
    forced = [f for f in model.forced_considerers if len(f)]
    if not forced:
        return np.empty(0, np.int32)
    must = np.unique(np.concatenate(forced)).astype(np.int32)
    return must[(persons.alive[must] == 1) & (persons.state[must] > 1)]


def choose_where_to_live(model) -> dict[str, int]:
    """Everyone who considers a move chooses; those who do not stay are moved, with whom they take along."""
    persons, employers = model.persons, model.employers
    open_jobs = employers.vacancies - employers.filled
    rows, offers = considerers(model, open_jobs)
    to = np.empty(len(rows), dtype=np.int64)
    way = np.empty(len(rows), dtype=np.uint8)
    weights = weights_of(model)
    hear_news(model)
    run_in_pieces(
        model, choose_places, len(rows), CONSIDERERS, rows, np.int64(model.month), model.seed, persons.bundle(Movers),
        places_now(model, rows), weights, to, way, False, *NOTHING_KEPT,
    )  # fmt: skip
    going = np.flatnonzero(way)  # STAY is 0
    priority = np.empty(len(going), dtype=np.uint64)
    move_priority(rows[going], np.int64(model.month), model.seed, persons.uid, priority)
    order = going[np.argsort(priority)]  # no two people have the same
    room = 16 * len(order) + 64
    log_row, log_reason = np.empty(room, np.int32), np.empty(room, np.uint8)
    log_from, log_to, log_saved = np.empty(room, np.uint16), np.empty(room, np.uint16), np.empty(room, np.int64)
    jobs = Jobs(employers.headcount, employers.separations, employers.filled, open_jobs)
    paid = np.zeros(model.world.n, dtype=np.int64)
    moved = carry_out_moves(
        order, rows, to, way, offers, np.int64(model.month), model.seed, persons.bundle(Removals), jobs,
        ground_now(model), weights.own_county_share, float(model.scenario["labour.commute_hours_max"]), weights.pay_sd,
        weights.experience_return, weights.cost_per_km, log_row, log_from, log_to, log_reason, log_saved, paid,
    )  # fmt: skip
    if moved < 0:
        model.stop("more people moved with their families in one month than the log of moves can hold")
    log = (log_row[:moved].copy(), log_from[:moved].copy(), log_to[:moved].copy(), log_reason[:moved].copy())
    model.month_moves.append(log)
    move_dwellings(log[0], persons.household, persons.residence, model.households.head, model.households.dwelling)
    model.ledger.carry(log_saved[:moved], log[1], log[2])
    model.ledger.post("removals", paid)
    return {
        "considerers": len(rows),
        "moves": int(moved),
        "moves_between": int((log[1] != log[2]).sum()),
        "returns": int((log[3] == 2).sum()),
    }
