"""Settlements as the cells of a Mesa network, tied by the travel graph."""

from __future__ import annotations

import mesa
import networkx as nx
from mesa.discrete_space import Cell, Network


class SettlementCell(Cell):
    """One settlement in Mesa's discrete space; numbers come from the model's columns, read live."""

    __slots__ = ("model", "row")

    def residents(self) -> int:
        """People living here, in agents."""
        return int(self.model.settlements.residents[self.row])

    def talent(self) -> int:
        """College-educated residents of working age, in agents."""
        return int(self.model.settlements.talent[self.row])

    @property
    def name(self) -> str:
        """English name of the settlement."""
        return str(self.model.world.name_en[self.row])


def travel_graph(world) -> nx.Graph:
    """The travel graph: settlements as nodes, `hours` on the edges."""
    graph = nx.Graph()
    for row in range(world.n):
        graph.add_node(row, pos=(float(world.lon[row]), float(world.lat[row])), name=str(world.name_en[row]))
    for a, b, hours in world.edges:
        graph.add_edge(int(a), int(b), hours=float(hours))
    return graph


def settle_cells(model: mesa.Model) -> Network:
    """Build the Mesa network of a model's settlements."""
    graph = travel_graph(model.world)
    layout = {row: graph.nodes[row]["pos"] for row in graph}
    space = Network(graph, capacity=None, random=model.random, cell_klass=SettlementCell, layout=layout)
    for cell in space.all_cells.cells:
        cell.model = model
        cell.row = int(cell.coordinate)
    return space
