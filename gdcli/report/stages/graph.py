"""The stage `graph`: the computational graph of the forward Tape.

The partial derivative on an edge is the rule of the table of primitives with the names of the
operands in it; its number is that rule at the operands' values. Adjoints are those of the adjoint
program.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from gdcli.autodiff.lifted import formula, partial, step
from gdcli.autodiff.tape import BRANCH, LOAD, Instruction, Region
from gdcli.autodiff.traced import adjoints
from gdcli.execute.interpret import interpret, region_taken
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE
from gdcli.report.graph import INPUT_NODE, OUTPUT_NODE, STEP_NODE, Edge, Graph, GraphNode
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import cell
from gdcli.report.stages.gradient import passes
from gdcli.report.stages.program import ValueNames, region_header
from gdcli.report.stages.tape import undefined

if TYPE_CHECKING:
    from gdcli.report.formats import objects


def graph(function: Function, at: list[float] | None) -> Graph:
    """The graph of the forward Tape, with numbers where a point is given."""
    return _Drawing(function, at).graph()


class _Drawing:
    def __init__(self, function: Function, at: list[float] | None) -> None:
        self.tape = function.engine.rewritten.tape
        derivation = adjoints(self.tape)
        self.adjoints: dict[int, float | None] = dict.fromkeys(derivation.derivatives)
        self.values: dict[int, float] = {}
        self.at = at is not None
        if at is not None:
            _, _, self.values, self.adjoints = passes(derivation, "reverse", at)[0]
        self.names = ValueNames(self.tape, variables_from=0)
        self.nodes: list[GraphNode] = []
        self.edges: list[Edge] = []

    def graph(self) -> Graph:
        self.region(self.tape.body)
        return Graph(self.nodes, self.edges, self.at)

    def region(self, region: Region) -> None:
        for instruction in region.instructions:
            for inner in instruction.regions:
                self.region(inner)
            if instruction.results and instruction.results[0] in self.adjoints:
                self.node(instruction)
                edges = self.choice if instruction.operation == BRANCH else self.applied
                self.edges += edges(instruction)

    def node(self, instruction: Instruction) -> None:
        number = instruction.results[0]
        name = self.names.text(number)
        kind = INPUT_NODE if instruction.operation == LOAD else STEP_NODE
        label = name if kind == INPUT_NODE else f"{name} = {self.right_side(instruction)}"
        if number == self.tape.body.outputs[0]:
            kind, label = OUTPUT_NODE, f"f = {label}"
        value, adjoint = self.values.get(number), self.adjoints.get(number)
        self.nodes.append(GraphNode(number, kind, label, f"∂f/∂{name}", value, adjoint))

    def right_side(self, instruction: Instruction) -> str:
        if instruction.operation != BRANCH:
            return step(instruction, self.names)
        sides = [self.names.text(region.outputs[0]) for region in instruction.regions]
        condition = region_header(instruction, 0, self.names).removesuffix(":")
        return f"{sides[0]} {condition} else {sides[1]}"

    def applied(self, instruction: Instruction) -> Iterator[Edge]:
        """An edge for each operand, as often as it occurs: x*x has two."""
        for place, operand in enumerate(instruction.operands):
            if operand in self.adjoints:
                rule = partial(instruction, place, self.names)
                runs = not self.at or instruction.results[0] in self.values
                number = self.number(instruction, place) if self.at and runs else None
                yield Edge(operand, instruction.results[0], formula(rule), number, runs)

    def number(self, instruction: Instruction, place: int) -> float:
        """The partial derivative at the point, by the rule and the values of its operands."""
        rule = partial(instruction, place, lambda value: f"v{value}")
        distinct = dict.fromkeys((*instruction.operands, *instruction.results))
        slope: float = interpret(rule, IEEE, [self.values[value] for value in distinct])[0]
        return slope

    def choice(self, instruction: Instruction) -> Iterator[Edge]:
        """An edge from each side's output; its derivative is 1 where the side is taken, else 0."""
        known = instruction.results[0] in self.values
        operands = [self.values[operand] for operand in instruction.operands] if known else []
        side = region_taken(instruction, *operands) if known else None
        for number, region in enumerate(instruction.regions):
            if region.outputs[0] in self.adjoints:
                runs = not self.at or number == side
                value = float(number == side) if known else None
                yield Edge(region.outputs[0], instruction.results[0], "1", value, runs)


def graph_stage(function: Function, at: list[float] | None) -> Listing:
    """The graph; its table has a row for each edge, with its share of the source's adjoint."""
    drawn = graph(function, at)
    nodes = {node.number: node for node in drawn.nodes}
    rows: list[tuple[Cell, ...]] = []
    for edge in drawn.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        numbers: tuple[Cell, ...] = ()
        if at is not None:
            numbers = (source.value, edge.value, target.adjoint, _share(edge, target))
        rows.append((source.label, target.label, edge.partial, *numbers))
    known = ("value of from", "its value", "adjoint of to", "share of adjoint") if drawn.at else ()
    text = "".join(f"v{edge.source} v{edge.target} {edge.partial}\n" for edge in drawn.edges)
    content: objects.GraphContent = {
        "nodes": cast("list[objects.GraphNodeObject]", [node._asdict() for node in drawn.nodes]),
        "edges": cast("list[objects.EdgeObject]", [edge._asdict() for edge in drawn.edges]),
    }
    columns = ("from", "to", "partial", *known)
    summary = tuple(
        (node.derivative, cell(node.adjoint)) for node in drawn.nodes if node.kind == INPUT_NODE
    )
    return Listing(
        "graph",
        columns,
        rows,
        text,
        content,
        summary if drawn.at else (),
        message=undefined(function, at),
        graph=drawn,
    )


def _share(edge: Edge, target: GraphNode) -> float | None:
    if edge.value is None or target.adjoint is None:
        return None
    return edge.value * target.adjoint
