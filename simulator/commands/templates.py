"""First pages for people who make something of their own: commented, and sound as they stand."""

from __future__ import annotations

SCENARIO = """\
# A scenario. Check it with: homeward check {path}
# Anything left out keeps its default; homeward check --schema helps an editor complete names.

title:
  en: {words}
  zh: {words}
# description:
#   en: What this scenario supposes, in a sentence.
#   zh: 用一句话说明本情景的假设。

world: china-provinces # see homeward list worlds
base_year: 2020 # the census the world is built from: 2010 or 2020
start: "2020-11" # the census: the opening record; the first month simulated is the next one
months: 181 # to December 2035
seed: 1 # luck of the run; the same seed gives the same run
persons_per_agent: 10000 # fewer persons an agent: finer, slower

drivers:
  variant: middle # what comes from outside after the last observed year: low, middle or high

# Parameters that differ from their defaults; see homeward list parameters.
parameters:
  labour:
    separation_rate: 0.010

# Policies in force; see homeward list policies. Each: which, where, when, how well delivered.
# policies:
#   - policy: NAME
#     where:
#       kinds: [county_town, rural]
#       poorest_share: 0.4
#     when:
#       start: "2026-01"
#       ramp_months: 12
#     delivery: 0.8
"""

DESIGN = """\
# A design of experiments: levers × uncertainties × seeds. Check it with: homeward check {path}
# Then: homeward sweep {path} --dry-run (runs, time, bytes), homeward sweep {path}, homeward analyse DIR

title:
  en: {words}
  zh: {words}

base: baseline # the scenario every run starts from
# settings: # what every run has beside it
#   months: 61
#   persons_per_agent: 50000

# What is chosen: every value is tried with every other. Any path of a scenario will do,
# such as policies.public_services.strength, drivers.variant or persons_per_agent.
levers:
  hukou.conversion_rate: [0.0043, 0.0086]
paired: true # also the base without any lever, with the same draws and seeds: effects are in pairs

# Several settings chosen together, each under a name (tried with every combination of the levers).
# packages:
#   nothing: {{}}
#   both: {{migration.moving_cost: 2.0, drivers.variant: high}}

# What is not known: drawn from [low, high], or from the plausible range declared with the parameter,
# or from choices. "migration.*": plausible takes all of a group; NAME: fixed takes one out.
uncertainties:
  migration.income_weight: plausible
  labour.separation_rate: [0.008, 0.012]
  drivers.variant: {{choices: [low, middle, high]}}

method: latin_hypercube # or sobol, morris, factorial, table (with table: FILE.csv)
draws: 8 # draws of the uncertainties; for sobol a power of two, for morris trajectories
seeds: 4 # repetitions of each with other luck
first_seed: 1

# What is kept of every run (homeward list outcomes); left out: the headline results of the last month.
outcomes:
  - talent_pool
  - {{name: talent_pool, by: [kind], months: years}} # by kind, province, circle, settlement, ...
  - {{name: moves, over: sum}} # over each, mean, sum or change; months last, all, years, last_year or a list
  - gini
"""

WORLD = """\
# A world: its places and what comes to them from outside. Check it with: homeward check {path}
# To simulate it, move this folder into the folder worlds of your configurations (--configs DIR)
# and write world: {name} in a scenario.

name: {name} # the name of this folder
title:
  en: {words}
  zh: {words}

# city-circle: one synthetic circle, made by rule.
# provinces, prefectures: built from census tables, which also need data: the folder they lie in.
level: city-circle
base_years: [2020] # the census years it can be built for: 2010, 2020

# What comes from outside, year by year: growth, fertility, college places, ... This copy is yours
# to change; every row names its source.
drivers: drivers.csv
"""

POLICY = '''\
"""{words}: what this policy does, for whom, in one sentence.

Try it: homeward check {path}; then write it into a scenario (policies: [{{policy: {identifier}}}]) and
homeward run ./my_scenario.yaml --plugin {path}. The guide is docs/policies.md.
"""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, PEOPLE, Policy, Target, number


class {class_name}(Policy):
    """Recent graduates who live in the places chosen get part of their rent back."""

    name = "{identifier}"
    # kind = SHOCK  # for something that happens to a place rather than a choice (import it from base)
    family = "talent"  # see FAMILIES in simulator/policies/base.py
    title = Text(en="{words}", zh="{words}")
    description = Text(
        en="Recent graduates who live in the places chosen get part of their rent back.",
        zh="在所选地区居住的近年毕业生可领取租房补贴。",
    )
    # Through which price, wage, cost, probability, capacity or entitlement: never through utility.
    mechanism = Text(en="A price: the relief is income of a recent graduate there.", zh="作用于价格：补贴计入近年毕业生在当地的收入。")
    evidence = Text(en="Nothing is known yet.", zh="暂无证据。")
    payer = LOCAL  # or CENTRAL; a scenario may say otherwise
    payees = (PEOPLE,)  # who gets its money: PEOPLE, FIRMS, MARKET (works and purchases)
    levers = ("rent_relief",)  # the levers it may set, see simulator/state/levers.py
    # Every number has a default, a unit, a range, a meaning in two languages and a source.
    parameters = {{
        "relief": number(500, "yuan a month", 0, 10_000, "Relief of a recent graduate", "近年毕业生每月补贴", "assumed"),
    }}
    nothing = {{"relief": 0.0}}  # at these values it does nothing, bit by bit
    target = Target("settlement_month", "talent_pool", 1, "college-educated of working age in the places chosen")

    def apply(self, levers, params, where, strength):
        """Called in every month in force: set levers, offer money, order what costs money (levers.spend)."""
        levers.offer("rent_relief", where, strength * params.relief)
'''
