"""The researcher's view: Mesa's own SolaraViz over one small model, to step through it and look at its series."""

from __future__ import annotations

import numpy as np
import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component, solara_viz
from mesa.visualization.utils import update_counter

from simulator.foundations.units import KINDS, month_text
from simulator.model import MigrationModel

if hasattr(solara_viz, "_get_scenario_defaults"):
    solara_viz._get_scenario_defaults = lambda _scenario: {}
    solara_viz._build_model_init_kwargs = lambda _model, parameters, **_: dict(parameters)
    # Mesa takes every `model.scenario` for its own class of that name; ours is the checked scenario of a run.

COLOURS = ("#0a4a63", "#177f93", "#57a79d", "#c98a14", "#b5421a")
PARAMETERS = {
    "scenario": "teaching",
    "months": 182,
    "seed": {"type": "SliderInt", "value": 1, "label": "seed", "min": 1, "max": 50, "step": 1},
    "persons_per_agent": {"type": "SliderInt", "value": 2, "label": "persons per agent", "min": 1, "max": 20, "step": 1},
    "migration__moving_cost": {"type": "SliderFloat", "value": 2.65, "label": "migration.moving_cost", "min": 1.0, "max": 4.0, "step": 0.05},
    "migration__consider_rate": {"type": "SliderFloat", "value": 0.033, "label": "migration.consider_rate", "min": 0.0, "max": 0.1, "step": 0.001},
}  # fmt: skip


@solara.component
def Places(model):
    """Settlements where they lie, sized by residents, coloured by kind."""
    update_counter.get()
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes, world = figure.subplots(), model.world
    residents = np.maximum(model.settlements.residents * model.persons_per_agent, 0)
    size = 900 * residents / max(residents.max(), 1)
    for code, kind in enumerate(KINDS):
        chosen = world.kind == code
        if chosen.any():
            axes.scatter(world.lon[chosen], world.lat[chosen], s=size[chosen] + 2, c=COLOURS[code], alpha=0.75, label=kind)
    axes.legend(loc="lower right", markerscale=0.4)
    axes.set_title(f"{world.name}, {month_text(model.month)}: residents by kind of place")
    solara.FigureMatplotlib(figure, format="png")


@solara.component
def People(model):
    """What the face on the people says now."""
    update_counter.get()
    states = model.people.groupby("state")
    from simulator.foundations.units import STATES

    lines = [f"{STATES[state]}: {len(group):,} agents, mean wage {group.agg('wage', np.mean) / 100:,.0f} yuan" for state, group in states.items()]
    with solara.Card(f"People, {month_text(model.month)}"):
        for line in lines:
            solara.Text(line, style={"display": "block"})


COMPONENTS = [Places, make_plot_component("talent_pool"), make_plot_component("urban_share"), make_plot_component(["moves", "returns"]), People]


@solara.component
def Page():
    """A model of its own for each visitor."""
    model = solara.use_memo(lambda: MigrationModel("teaching", months=182, persons_per_agent=2), [])
    SolaraViz(model, components=COMPONENTS, model_params=PARAMETERS, name="homeward: the researcher's view", play_interval=1, render_interval=1)
