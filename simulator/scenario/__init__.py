"""What a run is asked to simulate: a scenario, its parameters, and how they are read and checked."""

from simulator.foundations.parameter import Parameter, Text
from simulator.scenario.loader import Scenario, change_scenario, load_scenario, parse_settings, scenario_from_dict
from simulator.scenario.parameters import ParameterSet, load_parameters

__all__ = [
    "Parameter",
    "ParameterSet",
    "Scenario",
    "Text",
    "change_scenario",
    "load_parameters",
    "load_scenario",
    "parse_settings",
    "scenario_from_dict",
]
