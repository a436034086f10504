"""The social floor: who is below the line, what the guarantee adds, who is ill and who pays, who gets benefit without work."""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.caring import disability_of
from simulator.kernels.earning import property_income_of
from simulator.kernels.elementary import exp_, log_
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1, draw4, hash64, normal, uniform

EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED, RETIRED, INACTIVE = 2, 3, 4, 5, 6, 7, 8
HEALTH_SHOCK, TAKE_UP = 37, 39
RESIDENT, EMPLOYEE = 1, 2
NOBODY = -1
GUARANTEE_LUCK, BENEFIT_LUCK, LINK_LUCK, BASE_LUCK = 0, 1, 2, 4
"""Numbers of the draws of stream TAKE_UP: asks for the guarantee, for unemployment benefit, must look for work, lost insured work at the base year."""

EARNED, OTHER, ASSETS, MEMBERS = range(4)
"""Columns of what a household's members pool."""
POOLED = 4
DISABLED = 1 << 16
"""A disabled member counts as one and this many in the column of members."""
CHUNK = 4096
AHEAD = 24
"""Rows looked through together, and rows ahead for which memory is asked."""

Assessed = namedtuple(
    "Assessed",
    "uid alive state insurance disability residence household wage savings received experience benefit_months",
)
"""The columns of persons that an assessment reads or writes."""

Lists = namedtuple("Lists", "head dwelling guarantee guarantee_rest aided")
"""The columns of households that say what the floor pays."""

Rules = namedtuple(
    "Rules", "line counted take_up rest_line rest_counted rest_take_up asset_months aid aid_lines seen"
)
"""By settlement: line (fen a month a head), share of pay that counts, share of those entitled who ask; all also with
levers at rest (the share that counts then is one number). Scalars: savings allowed in months of the line, aid to a disabled person, lines of income up to which, share of income that is seen."""

Patients = namedtuple(
    "Patients", "uid alive insurance disability residence hukou_place household partner guardian birth_month savings received"
)
"""The columns of persons that treatment reads or writes."""


@njit(nogil=True, cache=True)
def guarantee_of(line, counted_income, members):
    """What a household gets a month, whole fen: the line times its members less the income that counts, at least 0."""
    return max(np.int64(0), np.int64(line) * members - counted_income)


@njit(nogil=True, cache=True)
def topped_up(line, counted_income, seen, members):
    """What an entitled household is paid, whole fen: who is below the line is known, but of the income that counts only the part `seen` is taken off."""
    if guarantee_of(line, counted_income, members) == 0:
        return np.int64(0)
    return guarantee_of(line, np.int64(seen * counted_income), members)


@njit(nogil=True, cache=True)
def benefit_months_of(experience):
    """Months of unemployment benefit for insured work: 12 after one year, 18 after five, 24 after ten (rule of the insurance)."""
    return 12 * np.int32(experience >= 12) + 6 * np.int32(experience >= 60) + 6 * np.int32(experience >= 120)


@njit(nogil=True, cache=True)
def renew_benefits(p, lo, hi):
    """Employees with insurance in [lo, hi) have their months of unemployment benefit renewed."""
    alive, state, insurance = p.alive[lo:hi], p.state[lo:hi], p.insurance[lo:hi]
    experience, benefit_months = p.experience[lo:hi], p.benefit_months[lo:hi]
    for k in range(len(alive)):
        insured = np.uint32(alive[k] == 1) & np.uint32(state[k] == EMPLOYED) & np.uint32(insurance[k] == EMPLOYEE)
        left = np.uint32(benefit_months[k])
        benefit_months[k] = left + insured * (np.uint32(benefit_months_of(np.uint32(experience[k]))) - left)


@njit(nogil=True, cache=True)
def recall_benefit(rows, seed, share, mean_used, uid, experience, benefit_months):
    """Months of benefit left at the base year to people without work in `rows`: the share `share` lost insured work.

    Time without work so far is exponential with that mean, in whole months (keyed luck u below the share: -mean ln(1 - u / share)).
    """
    for i in rows:
        benefit_months[i] = 0
        luck = draw1(seed, TAKE_UP, 0, uid[i], BASE_LUCK) / share if share > 0.0 else 1.0
        if luck < 1.0:
            full = np.int64(benefit_months_of(np.uint32(experience[i])))
            benefit_months[i] = max(full - np.int64(-mean_used * log_(1.0 - luck)), 0)


@njit(nogil=True, cache=True)
def pool_for_assessment(p, dwelling, incomes, work_pay, rate, pooled, lo, hi):
    """Add up for households in [lo, hi), over members who live at the dwelling: pay of work, other income, savings, heads and
    disabled members, in the columns `EARNED` ... `MEMBERS` of `pooled` (row 0 is household lo: one look-up; see `DISABLED`).

    `incomes` is the month's table of incomes, `work_pay[place, state]` the part of it that is earned by farming, flexible and
    welfare work.
    """
    alive, household, residence, state = p.alive, p.household, p.residence, p.state
    insurance, wage, savings, received, disability = p.insurance, p.wage, p.savings, p.received, p.disability
    table, worked, pools = incomes.reshape(-1), work_pay.reshape(-1), pooled.reshape(-1)
    states, schemes, span = np.uint32(incomes.shape[1]), np.uint32(incomes.shape[2]), np.uint32(hi - lo)
    pools[:] = 0
    rows = np.empty(CHUNK, dtype=np.uint32)
    for start in range(0, len(alive), CHUNK):
        houses, living, count = household[start : start + CHUNK], alive[start : start + CHUNK], 0
        for k in range(len(houses)):
            rows[count] = start + k
            count += np.int64(np.uint32(houses[k] - lo) < span) & np.int64(living[k])
        for q in range(count):
            later = np.int64(household[rows[min(q + AHEAD, count - 1)]])
            fetch(dwelling, later)
            fetch(pools, (later - lo) * POOLED)
            i = rows[q]
            house, here = np.uint32(household[i]), np.uint32(residence[i])
            at_home = np.int64(dwelling[house] == here)  # nobody else adds anything
            cell = here * states + np.uint32(state[i])
            pay, held = worked[cell], savings[i]
            rest = table[cell * schemes + np.uint32(insurance[i])] - pay
            at = (house - np.uint32(lo)) * np.uint32(POOLED)
            pools[at + np.uint32(EARNED)] += (wage[i] + pay) * at_home
            pools[at + np.uint32(OTHER)] += (rest + property_income_of(rate[here], held) + received[i]) * at_home
            pools[at + np.uint32(ASSETS)] += held * at_home
            pools[at + np.uint32(MEMBERS)] += (1 + np.int64(disability[i] > 0) * DISABLED) * at_home


@njit(nogil=True, cache=True)
def assess_households(seed, uid, homes, rules, pooled, plan, lo, hi):
    """Decide, for households in [lo, hi), on guarantee and aid to disabled members; adds up by place in `plan`.

    `pooled` is that of `pool_for_assessment`. `plan[place]`: fen of guarantee, fen of it with levers at rest, fen of aid, people
    in guaranteed households. Guarantee: line x members - seen x (share counted x pay + other income), for those below without
    `seen` whose savings do not exceed `asset_months` lines a head and who ask; asking is the luck of the head, the same for life.
    """
    head, dwelling, guarantee, aid, lines = homes.head, homes.dwelling, homes.guarantee, homes.aided, rules.line
    aid_lines, asset_months, aid_fen = rules.aid_lines, rules.asset_months, np.int64(rules.aid)
    take_up, counted, at_rest, last = rules.take_up, rules.counted, homes.guarantee_rest, np.uint32(len(lines) - 1)
    rest_line, rest_take_up, seen, rest_counted = rules.rest_line, rules.rest_take_up, rules.seen, rules.rest_counted
    limit = np.empty(len(lines))
    for j in range(len(lines)):
        limit[j] = aid_lines * lines[j]
    guarantee[lo:hi] = 0
    at_rest[lo:hi] = 0
    aid[lo:hi] = 0
    low = np.empty(min(CHUNK, hi - lo), dtype=np.uint32)
    for start in range(lo, hi, CHUNK):
        heads, homes_of, held, count = head[start : min(start + CHUNK, hi)], dwelling[start : min(start + CHUNK, hi)], pooled[start - lo :], 0
        for k in range(len(heads)):  # most have more than enough
            low[count] = start + k
            members = held[k, MEMBERS] & (DISABLED - 1)
            enough = held[k, EARNED] + held[k, OTHER] > limit[min(np.uint32(homes_of[k]), last)] * members
            count += np.int64(members > 0) & np.int64(heads[k] >= 0) & np.int64(not enough)
        for q in range(count):
            h = np.int64(low[q])
            fetch(uid, np.int64(head[low[min(q + AHEAD, count - 1)]]))
            both = pooled[h - lo, MEMBERS]
            members, disabled = both & (DISABLED - 1), both // DISABLED
            j = dwelling[h]
            line, earned, other = lines[j], pooled[h - lo, EARNED], pooled[h - lo, OTHER]
            aid[h] = min(disabled, 255)
            plan[j, 2] += aid_fen * aid[h]
            if pooled[h - lo, ASSETS] > asset_months * line * members:
                continue
            amount = topped_up(line, np.int64(counted[j] * earned) + other, seen, members)
            resting = topped_up(rest_line[j], np.int64(rest_counted * earned) + other, seen, members)
            if amount == 0 and resting == 0:
                continue  # whether they ask makes no difference
            luck = draw1(seed, TAKE_UP, 0, uid[head[h]], GUARANTEE_LUCK)
            if luck < take_up[j]:
                guarantee[h] = amount
                plan[j, 0] += amount
                plan[j, 3] += members if amount > 0 else 0
            if luck < rest_take_up[j]:
                at_rest[h] = resting
                plan[j, 1] += resting


@njit(nogil=True, cache=True)
def list_paid(guarantee, aided, rows):
    """Households to which the floor pays anything, into `rows`; returns how many."""
    count = 0
    for h in range(len(guarantee)):
        rows[count] = h
        count += np.int64((guarantee[h] > 0) | (aided[h] > 0))
    return count


@njit(nogil=True, cache=True)
def owed_beyond_rest(rows, homes, residence, more):
    """What the lists promise beyond what levers at rest would, by place of the head, added to `more`."""
    for h in rows:
        head = homes.head[h]
        if head >= 0:
            more[residence[head]] += max(np.int64(0), np.int64(homes.guarantee[h]) - homes.guarantee_rest[h])


@njit(nogil=True, cache=True)
def pay_households(rows, homes, aid, residence, savings, received, funded, move_money, paid):
    """Households in `rows` get guarantee and `aid` for each aided member through their head.

    Of what a policy promises beyond the guarantee at rest the share `funded[place]` is paid. By place of the head:
    paid[place] = guarantee, aid, and what of the guarantee lies beyond that at rest.
    """
    heads, guarantee, at_rest, aided = homes.head, homes.guarantee, homes.guarantee_rest, homes.aided
    for k in range(len(rows)):
        later = np.int64(max(heads[rows[min(k + AHEAD, len(rows) - 1)]], 0))
        fetch(savings, later)
        fetch(received, later)
        fetch(residence, later)
        h = rows[k]
        head = heads[h]
        if head < 0:
            continue
        helped, j = aid * np.int64(aided[h]), residence[head]
        amount = np.int64(guarantee[h])
        more = amount - at_rest[h]
        if more > 0:
            part = np.int64(more * funded[j]) if funded[j] < 1.0 else more
            amount += part - more
            paid[j, 2] += part
        received[head] += amount + helped
        if move_money:
            savings[head] += amount + helped
        paid[j, 0] += amount
        paid[j, 1] += helped


@njit(nogil=True, cache=True)
def pay_the_unemployed(rows, seed, take_up, benefit, p, move_money, paid, heads):
    """Insured people without work get benefit while months are left, those who ask; by residence in `paid` and `heads`."""
    alive, state, benefit_months, uid, residence = p.alive, p.state, p.benefit_months, p.uid, p.residence
    received, savings = p.received, p.savings
    entitled = np.empty(min(CHUNK, len(rows)), dtype=np.uint32)
    for start in range(0, len(rows), CHUNK):
        some, count = rows[start : start + CHUNK], 0
        last = len(some) - 1
        for k in range(len(some)):
            later = np.int64(some[min(k + AHEAD, last)])
            fetch(benefit_months, later)
            fetch(state, later)
            i = np.uint32(some[k])
            entitled[count] = i
            count += np.int64(alive[i] == 1) & np.int64(state[i] == UNEMPLOYED) & np.int64(benefit_months[i] != 0)
        for k in range(count):
            later = np.int64(entitled[min(k + AHEAD, count - 1)])
            fetch(uid, later)
            fetch(residence, later)
            fetch(received, later)
            fetch(savings, later)
            i = entitled[k]
            if draw1(seed, TAKE_UP, 0, uid[i], BENEFIT_LUCK) >= take_up:
                continue
            home = residence[i]
            amount = np.int64(benefit[home])
            received[i] += amount
            if move_money:
                benefit_months[i] -= 1
                savings[i] += amount
            paid[home] += amount
            heads[home] += 1


@njit(nogil=True, cache=True)
def must_look_for_work(seed, month, link, uid, alive, state, disability, birth_month, household, residence, guarantee):
    """Able adults of 16 to 54 without work in guaranteed households look for it, the share `link` of their place; how many."""
    count = 0
    for i in range(len(alive)):
        if alive[i] == 0 or state[i] != INACTIVE or disability[i] > 0 or household[i] < 0:
            continue
        age = (month - np.int64(birth_month[i])) // 12
        if guarantee[household[i]] > 0 and 16 <= age < 55:
            if draw1(seed, TAKE_UP, 0, uid[i], LINK_LUCK) < link[residence[i]]:
                state[i] = UNEMPLOYED
                count += 1
    return count


# --- illness ---------------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def treatment_cost(w0, w1, mean, sd):
    """Cost of a treatment, whole fen: log-normal with that mean."""
    return np.int64(mean * exp_(sd * normal(w0, w1) - 0.5 * sd * sd))


@njit(nogil=True, cache=True)
def reimbursed_share(scheme, outside, resident, employee, covered, parity, pooling, loss):
    """Share of a treatment's cost that insurance pays.

    covered x rate of the scheme; residents' rate is nearer that of employees by `parity`; a resident treated outside
    the pooling area (`outside`) loses the share `loss`, less by `pooling`.
    """
    if scheme == EMPLOYEE:
        return covered * employee
    if scheme != RESIDENT:
        return 0.0
    rate = resident + parity * max(employee - resident, 0.0)
    return covered * rate * (1.0 - loss * (1.0 - pooling)) if outside else covered * rate


@uncounted
def _pay_from(row, need, p, own):
    """Take up to `need` from what a person holds, noted in `own` where they live; returns what was taken."""
    if row < 0 or need <= 0:
        return np.int64(0)
    taken = min(need, max(p.savings[row], 0))
    p.savings[row] -= taken
    own[p.residence[row]] += taken
    return taken


@njit(nogil=True, cache=True)
def fall_ill(rows, month, seed, rate, bound, klass, mean, sd, onset, p, ill, cost):
    """Candidates who fall ill this month, into `ill`, and what the treatment of each costs (see `treatment_cost`), into `cost`.

    `onset`: (share of illnesses that leave a disability, part of it severe). Returns how many, or -1 - row where a rate is above its bound.
    """
    uid, alive, birth_month, disability = p.uid, p.alive, p.birth_month, p.disability
    count = 0
    for k in range(len(rows)):
        later = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(birth_month, later)
        fetch(klass, later)
        fetch(uid, later)
        i = rows[k]
        if alive[i] == 0:
            continue
        age = min(max((month - np.int64(birth_month[i])) // 12, 0), 110)
        if rate[age] > bound[klass[i]]:
            return -1 - np.int64(i)
        w0, w1, w2, w3 = draw4(seed, HEALTH_SHOCK, month, uid[i], 0)
        if uniform(w0) * bound[klass[i]] < rate[age]:
            ill[count], cost[count] = i, treatment_cost(w1, w2, mean, sd)
            if disability[i] == 0:
                disability[i] = disability_of(uniform(w3), onset[0], onset[1])
            count += 1
    return count


@uncounted
def treat_patients(treated, costs, rates, levers, line, assistance_months, pool, head, p,
                   own, charged, insured, insured_rest, helped, bill):  # fmt: skip
    """Those who fell ill (see `fall_ill`) are treated and pay what insurance does not.

    They pay, then partner, guardian and head of the household; what the family does not hold the temporary assistance
    of the place covers, up to `assistance_months` lines; beyond it treatment is cut short and nobody is paid.
    `costs` of their treatment; `rates`: (resident, employee, covered, loss); `levers`: (parity, pooling) by place; `pool`: pooling area
    of a place. Adds up what families paid and were given by where they live, `own`, and by residence of the patient what
    they were `charged`, and what `insured` (`insured_rest` with levers at rest) and `helped` paid; writes their own `bill`.
    """
    resident, employee, covered, loss = rates
    parity, pooling = levers
    residence, hukou_place = p.residence, p.hukou_place
    insurance, partner, guardian, household, savings = p.insurance, p.partner, p.guardian, p.household, p.savings
    last = len(treated) - 1
    for count in range(len(treated)):
        later = np.int64(treated[min(count + AHEAD, last)])
        fetch(residence, later)
        fetch(hukou_place, later)
        fetch(insurance, later)
        fetch(savings, later)
        fetch(partner, later)
        fetch(guardian, later)
        fetch(household, later)
        later = np.int64(treated[min(count + AHEAD // 2, last)])
        for kin in (np.int64(max(partner[later], 0)), np.int64(max(guardian[later], 0))):
            fetch(savings, kin)
            fetch(residence, kin)
        fetch(head, np.int64(max(household[later], 0)))
        house = np.int64(household[treated[min(count + AHEAD // 4, last)]])
        fetch(savings, np.int64(max(head[max(house, 0)], 0)))
        i, cost = treated[count], costs[count]
        j = np.int64(residence[i])
        outside = pool[j] != pool[hukou_place[i]]
        share = reimbursed_share(insurance[i], outside, resident, employee, covered, parity[j], pooling[j], loss)
        reimbursed = np.int64(cost * share)
        rest = reimbursed_share(insurance[i], outside, resident, employee, covered, 0.0, 0.0, loss)
        need = cost - reimbursed
        paid = _pay_from(np.int64(i), need, p, own)
        paid += _pay_from(np.int64(partner[i]), need - paid, p, own)
        paid += _pay_from(np.int64(guardian[i]), need - paid, p, own)
        house = np.int64(household[i])
        if house >= 0:
            paid += _pay_from(np.int64(head[house]), need - paid, p, own)
        relief = min(need - paid, np.int64(assistance_months * line[j]))
        own[j] += relief
        charged[j] += paid + relief
        insured[j] += reimbursed
        insured_rest[j] += np.int64(cost * rest)
        helped[j] += relief
        bill[count] = paid


# --- welfare jobs ----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def leave_posts(rows, seed, month, exit_rate, uid, residence, state, posts, holders):
    """Holders of welfare jobs in `rows`: some go back to look for work, and so do those beyond the posts of their place.

    Fills `holders` by place; returns how many left.
    """
    left = 0
    for i in rows:
        j = residence[i]
        if holders[j] >= posts[j] or draw1(seed, TAKE_UP, month, uid[i], 3) < exit_rate:
            state[i] = UNEMPLOYED
            left += 1
        else:
            holders[j] += 1
    return left


@njit(nogil=True, cache=True)
def priority_of(rows, seed, month, uid, disability, out):
    """Order in which posts are given: disabled people first, else by a keyed number of the month."""
    first = hash64(np.uint64(seed) + np.uint64(TAKE_UP), month)
    for k in range(len(rows)):
        key = hash64(first, uid[rows[k]]) >> np.uint64(1)
        out[k] = key if disability[rows[k]] > 0 else key | np.uint64(1 << 63)


@njit(nogil=True, cache=True)
def fill_posts(rows, alive, state, residence, posts, holders):
    """People without work in `rows`, in that order, take the posts of their place that are free; returns how many."""
    taken = 0
    for i in rows:
        j = residence[i]
        if alive[i] == 1 and state[i] == UNEMPLOYED and holders[j] < posts[j]:
            state[i] = WELFARE_JOB
            holders[j] += 1
            taken += 1
    return taken
