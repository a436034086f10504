"""Roads and rails inside a city circle: rings, county towns and villages come nearer to work."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, MARKET, Policy, Target, number


class TransitLinks(Policy):
    """Travel hours between places of the same circle fall once the links are built; building and running cost money."""

    name = "transit_links"
    family = "circle"
    title = Text("Transit links inside a circle", "都市圈交通一体化")
    description = Text(
        "New links cut the travel time between the places of a city circle, so that more jobs lie within reach of a home.",
        "新的交通线路缩短都市圈内各地之间的通勤时间，使更多岗位在住所可及范围内。",
    )
    mechanism = Text(
        "A cost: hours inside the circle. Searchers apply further afield, vacancies are filled from more places, and a "
        "move inside the circle is a shorter move. Who lives in a ring may keep living there and work in the core.",
        "作用于成本：圈内通勤时间。求职半径扩大，岗位可由更多地方的人填补，圈内迁移距离缩短；住在外圈者可留居而到中心工作。",
    )
    evidence = Text(
        "Shorter travel spreads homes over rings more than jobs; no measured size for Chinese circles is used here.",
        "通勤时间缩短使居住比就业更易外扩；此处未采用中国都市圈的实测幅度。",
    )
    payer = LOCAL
    payees = (MARKET,)
    levers = ("travel_time",)
    parameters = {
        "time_cut": number(0.3, "share", 0, 0.8, "Share of the travel time inside the circle that is saved", "圈内出行时间的节省比例", "assumed"),
        "build_months": number(24, "months", 0, 240, "Months from the first payment to the opening of the links", "从开工到通车的月数", "MODEL 4.5: 6-60 months", whole=True),
        "cost": number(
            100, "yuan a resident a year for each tenth of time saved", 0, 10_000, "Building and running the links",
            "每节省一成时间的建设与运营成本", "assumed",
        ),
    }  # fmt: skip
    nothing = {"time_cut": 0.0}
    target = Target("settlement_month", "employed", 1, "people in work who live in the places chosen")

    def apply(self, levers, params, where, strength):
        """Pay from the first month; hours fall when the links are open."""
        cut = strength * params.time_cut
        residents = levers.places.residents * where
        open_now = levers.places.months_in_force >= params.build_months
        if open_now:
            levers.travel_time[where] *= 1.0 - cut
        levers.spend(residents * (10.0 * cut) * params.cost / 12 * 100, people=residents if open_now else None)
