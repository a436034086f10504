"""Where people would rather live: the options a person weighs, and what each is worth to them.

The choice of MODEL 4.1. A considerer weighs staying, the root, the partner's place, another
county of the same settlement, and m destinations drawn from a base-year sampling law q:

    U(i,j) = b_y ln max(Y(i,j), y_min) + V(j, life stage, entitlement)
             + b_n ln(1 + share(root_i, j)/tau) + b_o [knows someone in j]
             - c0 [j is a move] - b_d ln(1 + hours(residence_i, j)) - b_h ln(1 + hours(root_i, j))
             - b_f ln(1 + hours(family_i, j)) + attachment_i [j = root] + Gumbel

V holds ln N0 + A(j) + services - b_y (a_h ln rent + a_s ln P) and is tabulated once a month.
A drawn option carries + ln(multiplicity) - ln(m q(j)) (McFadden 1978, Modelling the choice of
residential location), so that shares converge on the full logit as m grows. The maximum of
utility plus a keyed Gumbel draw per option is a logit choice, and a change in one option moves
only those whose choice it changes.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, log_, rank_exponential
from simulator.kernels.labour import pay_deviate, pay_factor
from simulator.kernels.rng import uniform

CHOICE_SET = 21
CHOICE = 22
_S32 = np.uint64(32)
_LOW32 = np.uint64(0xFFFFFFFF)

NOWHERE = 65535
STUDENT = 1
EMPLOYED = 2
FARMING = 3
FLEXIBLE = 4
UNEMPLOYED = 6
RURAL = 4
COLLEGE = 3

STAY, ALONE, FAMILY, OTHER_COUNTY = 0, 1, 2, 3
"""Ways of answering: stay; go alone; the family goes; the household moves to another county of the cell."""

Movers = namedtuple(
    "Movers",
    "uid alive state education hukou_kind birth_month root residence hukou_place workplace county_hukou "
    "county_residence partner mother first_child next_sibling wage experience savings attachment "
    "ties left_study study_place",
)
"""The columns of persons the migration choice reads."""

Places = namedtuple(
    "Places",
    "value wage chance chance_national finding separation farm_income flexible_pay other_income "
    "log_hours km ties_utility ties_known gravity_prob gravity_alias gravity_p "
    "tie_prob tie_alias tie_p other_county_log move_pay cost_relief rent_relief recent grant_here grant_root",
    defaults=(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0)),
)
"""Tables by settlement a considerer reads; built once a month by `mechanisms.migration`.

The last four are money on offer to graduates, fen a month, empty when none is: rent relief by
settlement for whoever is `recent` (1 or 0, by considerer), and the retention grant each
considerer could count on in the present place and at the root."""

Weights = namedtuple(
    "Weights",
    "income known moving_cost distance home family income_floor "
    "search_farming search_flexible pay_sd experience_return cost_per_km own_county_share m full leaving_college",
)
"""The behavioural weights of the choice; see configs/parameters/migration.yaml for each. `leaving_college` is
what staying in the place of study costs in the month of graduation: the room there is given up too."""


@njit(nogil=True, cache=True)
def individual_pay(uid, seed, experience_months, sd, experience_return):
    """A worker's pay relative to the market's: lasting luck times experience up to twenty years."""
    return pay_factor(pay_deviate(seed, uid), experience_months, sd, experience_return)


@njit(nogil=True, cache=True)
def leaves_college(left_study, study_place, month, here):
    """True of a person who graduates this month and lives where the college is."""
    return left_study == month and study_place == here


@njit(nogil=True, cache=True)
def believed_chance(local, national, known):
    """Perceived job chance: a place is known to the extent `known`, for the rest the nation's chance is believed."""
    return known * local + (1.0 - known) * national


@njit(nogil=True, cache=True)
def knowledge_of(share, base, scale):
    """How well a place is known: `base` anyway, the rest with the share of one's home who live there."""
    return base + (1.0 - base) * share / (share + scale)


@njit(nogil=True, cache=True)
def pull_of_ties(share, ties_weight, ties_scale):
    """What hometown ties add to a place's utility: b_n ln(1 + share / tau)."""
    return ties_weight * log_(1.0 + share / ties_scale)


@njit(nogil=True, cache=True)
def expected_income(chance, pay, fallback):
    """Harris and Todaro (1970): job chance times pay, else the fallback."""
    return chance * pay + (1.0 - chance) * fallback


@njit(nogil=True, cache=True)
def income_if_staying(state, own_wage, finding, separation, chance, pay, fallback, search_farming, search_flexible):
    """Expected income where one lives: the job held counts, and so does how hard one looks for another."""
    if state == EMPLOYED:
        return (1.0 - separation) * own_wage + separation * expected_income(chance, pay, fallback)
    if state == FARMING:
        found = search_farming * finding
        return expected_income(found / (found + separation), pay, fallback)
    if state == FLEXIBLE:
        found = search_flexible * finding
        return expected_income(found / (found + separation), pay, fallback)
    return expected_income(chance, pay, fallback)


@njit(nogil=True, cache=True)
def share_of_home(count, total, prior, smoothing):
    """Fraction of the people of a root who live in a place, smoothed towards a base-year gravity prior."""
    if total <= 0:
        return prior
    return (count / total + smoothing * prior) / (1.0 + smoothing)


@njit(nogil=True, cache=True)
def life_stage(age_months, has_school_child):
    """0 adult, 1 parent of a child of school age, 2 from fifty, 3 from sixty-five."""
    if age_months >= 780:
        return 3
    if has_school_child:
        return 1
    if age_months >= 600:
        return 2
    return 0


@njit(nogil=True, cache=True)
def destination_utility(value, log_income, ties, knows, moves, log_res, log_root, log_family, attachment, w):
    """The systematic utility of one place for one person: the equation at the head of this module."""
    return (
        value
        + w.income * log_income
        + ties
        + w.known * knows
        - moves * (w.moving_cost + w.distance * log_res)
        - w.home * log_root
        - w.family * log_family
        + attachment
    )


@njit(nogil=True, cache=True)
def race_time(word, utility):
    """Arrival time of an option in the exponential race: E / exp(U), E standard exponential; the first wins.

    The order of -ln(time) is that of U plus a Gumbel draw: a logit choice.
    """
    return rank_exponential(word) * exp_(-utility)


@njit(nogil=True, cache=True, forceinline=True)
def surely_later(word, utility, limit):
    """True when `race_time(word, utility)` is not before `limit`, told without logarithm or exponential.

    A lower bound of the time is compared: with v = 1 - u, -ln u >= v + v^2/2 + v^3/3, and
    exp(x) >= (1 + x/64)^64 for x >= -64; a hair less for rounding.
    """
    v = 1.0 - uniform(word)
    y = max(0.0, 1.0 - 0.015625 * utility)
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return 0.999999 * v * (1.0 + v * (0.5 + v * 0.3333333333333333)) * y >= limit


@njit(nogil=True, cache=True, forceinline=True)
def place_and_luck(word, n):
    """One of n places, even odds, and a uniform number, from one 32-bit word.

    word x n / 2^32 = place + luck: the whole part is the place, the rest, to n / 2^32, the luck
    with which the alias tables of the sampling law keep the place or give its other.
    """
    product = np.uint64(word) * np.uint64(n)
    return np.int64(product >> _S32), uniform(product & _LOW32)


@njit(nogil=True, cache=True)
def in_work_force(state):
    """True for people whose income depends on the labour market."""
    return state == EMPLOYED or state == FARMING or state == FLEXIBLE or state == UNEMPLOYED


@njit(nogil=True, cache=True)
def expected_income_of(state, at_home, own_wage, finding, separation, chance, pay, flexible_pay, farm_income, farms,
                       search_farming, search_flexible):  # fmt: skip
    """Expected pay of one person in one place, before other income; `farms` when land there is theirs to farm."""
    fallback = flexible_pay
    if farms and farm_income > fallback:
        fallback = farm_income
    if not at_home:
        return expected_income(chance, pay, fallback)
    if state == FARMING:
        fallback = farm_income
    return income_if_staying(
        state, own_wage, finding, separation, chance, pay, fallback, search_farming, search_flexible
    )


@njit(nogil=True, cache=True)
def hear_from_home(first, step, count, prior, smoothing, weight, scale, base, utility, known):
    """Bring up to date what the people of every `step`-th root, from `first`, hear of all places.

    `utility` is b_n ln(1 + share / tau), `known` how well a place is known; both [root, place].
    """
    n = count.shape[0]
    for root in range(first, n, step):
        total = np.int64(0)
        for j in range(n):
            total += count[root, j]
        for j in range(n):
            share = share_of_home(count[root, j], np.float64(total), 1.0 * prior[root, j], smoothing)
            utility[root, j] = pull_of_ties(share, weight, scale)
            known[root, j] = knowledge_of(share, base, scale)


NOTHING_KEPT = (np.zeros((0, 0), np.uint16), np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32), np.zeros(0, np.int32))
"""What to hand `choose_places` when options need not be stored."""
