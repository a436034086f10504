"""What staying where they live is worth to people who think of moving, and to the partners who live with them.

Taken by the batch: what each person holds and finds is looked up one after the other; then it is weighed for
all, in loops without branches, which the processor does for several people at a time. The numbers stand in
one array, a row of LANES each, so that a compiler sees that rows do not overlap. The equations are those of
`choosing.destination_utility` with nothing for a move, to the same bits.
"""

import numpy as np

from simulator.kernels.choosing import (
    COLLEGE,
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    NOWHERE,
    believed_chance,
    expected_income,
    in_work_force,
    leaves_college,
    life_stage,
)
from simulator.kernels.elementary import quick_log
from simulator.kernels.gathering import LANES, unheld

PAYS = (0.5, 0.7, 0.85, 1.0)
"""Individual pay factors up to which the most a place can pay is tabulated; beyond the last by proportion."""
N_PAYS = 4
KINDS = 1 + 2 * N_PAYS
"""Kinds of earner: 0 out of the labour force; 1 + 4 skill + k someone whose pay factor is at most PAYS[k]."""
LIFE_STAGES = 4

(STATE, STAGE, SKILL, FARMS) = (np.uint64(LANES * row) for row in range(4))
"""Rows of codes of a batch: labour state, life stage, 1 with a degree, 1 with land where they live."""

(OWN_WAGE, MARKET_PAY, LOCAL, NATION, KNOWN, FINDING, SEPARATION, FARM, FLEXIBLE_PAY, OTHER, OFFERED, VALUE, TIES_PULL,
 FROM_ROOT, FROM_FAMILY, PULL, LEAVING, PAY, STAY_WORTH, MORE) = (np.uint64(LANES * row) for row in range(20))  # fmt: skip
"""Rows of numbers of a batch: what `look_up` finds, the pay factor, what staying is worth, and what pay beyond the
last of PAYS adds to log income at most."""


@unheld
def look_up(rows, start, size, month, p, t, w, q):
    """Find what considerers and partners have and would have where they live.

    And what another county of the same place adds to staying for the considerer, where the place has another.
    """
    state, education, hukou_kind, birth_month = p.state, p.education, p.hukou_kind, p.birth_month
    root_of, hukou_place, wage_of, attachment = p.root, p.hukou_place, p.wage, p.attachment
    county_hukou, county_residence, left_study, study_place = p.county_hukou, p.county_residence, p.left_study, p.study_place
    value, wage, chance_at, chance_national = t.value, t.wage, t.chance, t.chance_national
    finding, separation, farm_income, flexible_pay = t.finding, t.separation, t.farm_income, t.flexible_pay
    other_income, log_hours, ties_utility, ties_known = t.other_income, t.log_hours, t.ties_utility, t.ties_known
    here_of, apart_at, school, mine, leap, owner, who, x, c = q.here, q.apart, q.school, q.mine, q.leap, q.owner, q.who, q.x, q.c
    rent_relief, recent, grant_here, other_county_log = t.rent_relief, t.recent, t.grant_here, t.other_county_log
    offered = len(recent) > 0
    for lane in range(q.count[0]):
        k, i, b = np.uint64(lane), who[lane], owner[lane]
        j, home, registered = here_of[b], np.int64(root_of[i]), np.int64(hukou_place[i])
        apart = j if apart_at[b] == NOWHERE else apart_at[b]
        skill = np.int64(education[i] == COLLEGE)
        stage = life_stage(month - birth_month[i], school[b] == 1)
        in_county = county_residence[i] == county_hukou[i]
        pull = np.float64(attachment[i])
        c[STATE + k], c[STAGE + k], c[SKILL + k] = state[i], stage, skill
        c[FARMS + k] = np.int64(home == j) & np.int64(hukou_kind[i] == 0)
        x[OWN_WAGE + k], x[MARKET_PAY + k] = wage_of[i], wage[j, skill] * x[PAY + k]
        x[LOCAL + k], x[NATION + k], x[KNOWN + k] = chance_at[j, skill], chance_national[skill], ties_known[home, j]
        x[FINDING + k], x[SEPARATION + k] = finding[j, skill], separation[j, skill]
        x[FARM + k], x[FLEXIBLE_PAY + k], x[OTHER + k] = farm_income[j], flexible_pay[j], other_income[j]
        x[VALUE + k] = value[j, stage, np.int64(registered != j)]
        x[TIES_PULL + k] = ties_utility[home, j]
        x[FROM_ROOT + k] = log_hours[home, j] if j != home else 0.0
        x[FROM_FAMILY + k] = log_hours[apart, j] if j != apart else 0.0
        x[PULL + k] = pull if (j == home) & (in_county | (registered != home)) else 0.0
        x[LEAVING + k] = 0.0
        x[OFFERED + k] = 0.0
        if lane < size:
            if offered:
                x[OFFERED + k] = recent[start + b] * rent_relief[j] + grant_here[start + b]
            # attachment is to the county: lost on leaving home, won on return
            lost = -pull if in_county else pull
            leap[b] = other_county_log[j] - w.moving_cost - w.distance * log_hours[j, j]
            leap[b] += lost if (j == home) & (j == registered) else 0.0
            if left_study[i] == month and leaves_college(left_study[i], study_place[i], month, j):
                x[LEAVING + k] = w.leaving_college
                leap[b] += mine[b] * w.leaving_college


@unheld
def weigh_staying(count, w, x, c):
    """What staying is worth to each, whether or not they know anyone there."""
    income_weight, home, family, floor = w.income, w.home, w.family, w.income_floor
    search_farming, search_flexible = w.search_farming, w.search_flexible
    for lane in range(count):
        k = np.uint64(lane)
        state = c[STATE + k]
        chance = believed_chance(x[LOCAL + k], x[NATION + k], x[KNOWN + k])
        search = search_farming if state == FARMING else search_flexible
        found = search * x[FINDING + k]
        searching = found / (found + x[SEPARATION + k])
        chance = searching if (state == FARMING) | (state == FLEXIBLE) else chance
        land = (state == FARMING) | ((c[FARMS + k] == 1) & (x[FARM + k] > x[FLEXIBLE_PAY + k]))
        fallback = x[FARM + k] if land else x[FLEXIBLE_PAY + k]
        income = expected_income(chance, x[MARKET_PAY + k], fallback)
        held = (1.0 - x[SEPARATION + k]) * x[OWN_WAGE + k] + x[SEPARATION + k] * income
        income = held if state == EMPLOYED else income
        income += x[OFFERED + k]
        log_income = quick_log(max(income + x[OTHER + k], floor))
        log_income = log_income if in_work_force(state) else 0.0
        worth = x[VALUE + k] + income_weight * log_income + x[TIES_PULL + k]
        worth = worth - home * x[FROM_ROOT + k] - family * x[FROM_FAMILY + k] + x[PULL + k]
        x[STAY_WORTH + k] = worth - x[LEAVING + k]


@unheld
def sort_earners(count, x, c, kind_row):
    """Where in `deciding.most_worth` each finds what places are worth at most, and what higher pay adds to it."""
    for lane in range(count):
        k = np.uint64(lane)
        pay, works = x[PAY + k], in_work_force(c[STATE + k])
        kind = 1 + N_PAYS * c[SKILL + k] + np.int64(pay > PAYS[0]) + np.int64(pay > PAYS[1]) + np.int64(pay > PAYS[2])
        kind_row[lane] = KINDS * c[STAGE + k] + (kind if works else 0)
        x[MORE + k] = quick_log(max(pay, PAYS[3])) if works else 0.0
