"""Engine: the tapes of a function and the programs they become.

Comes in: the text of an expression, and what gives its names a meaning. Goes out: its value,
gradient and Hessian at any point: vectors of floats in, and inf or nan where there is no finite
answer. Every stage is made when it is first needed and kept. The tapes keep their loops, whatever
the sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.lower import lower
from gdcli.autodiff.passes.rewrite import Rewritten, rewrite
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.tape import Tape
from gdcli.errors import PointError, brief
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.layout import Layout
from gdcli.language.lexer import normalised
from gdcli.language.parser import parse
from gdcli.language.points import read_constant
from gdcli.language.semantics.roles import GivenShapes, Roles, assign, unreserved_calls
from gdcli.language.syntax import INDEX, NAME, SUBSCRIPT, Expression

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdcli.execute.bindings import Bindings
    from gdcli.execute.native import Program
    from gdcli.execute.tiers import Tiered
    from gdcli.functions.data import Source
    from gdcli.functions.problem import Problem

EPSILON = 2.0**-52
Point = Any  # a list of floats, or a NumPy array of them, of length n


class Engine:
    """What a Function runs on.

    `variables` names them in the order in which a point, a flat vector of floats of shape (n,),
    lists them, arrays row by row; `components` names its n numbers. `parameters` gives names in
    the text constant values (numbers, or texts such as `"1/3"`), `sizes` says how long arrays are
    where the text leaves it open, and `data` are arrays of numbers, or files of them, as
    `data.arrays` takes them. In floats the accuracy rewrites of `autodiff/passes/rewrite.py`
    apply, unless the function is to be taken `as_written`. `backend` is "auto", "python" or
    "native".
    Raises ExpressionError for a text that cannot be read, UsageError for sizes and data that do not
    fit it.
    """

    def __init__(
        self,
        text: str,
        parameters: Mapping[str, float | str] | None = None,
        problem: Problem | None = None,
        as_written: bool = False,
        sizes: Mapping[str, int] | None = None,
        data: Source | Sequence[Source] | None = None,
        backend: str = "auto",
    ) -> None:
        self.text = text
        self.as_written = as_written
        self.backend = backend
        self.problem = problem
        self.expression: Expression = parse(text, ARITIES)
        self.data = _data(data, self.expression) if data else {}
        given = GivenShapes(sizes or {}, {name: array.shape for name, array in self.data.items()})
        self._roles: Roles = assign(self.expression, ARITIES, _parameters(parameters or {}), given)
        self.variables = self._roles.variables
        self.sizes = self._roles.sizes
        arrays = self._roles.arrays
        self.layout = Layout(self.variables, {name: arrays[name].lengths for name in arrays})
        self.components = self.layout.components
        self._programs: list[Tiered] = []  # those that were made
        self.parameters = self._roles.parameters  # constant expressions by name

    @cached_property
    def tape(self) -> Tape:
        """The value's Tape, as the text says."""
        return lower(self.expression, self._roles)

    @cached_property
    def gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as the text says."""
        return _scheduled(reverse(self.tape))

    @cached_property
    def rewritten(self) -> Rewritten:
        """The value's Tape as floats run it, and the accuracy rewrites in it."""
        return Rewritten(self.tape, ()) if self.as_written else rewrite(self.tape)

    @cached_property
    def rewritten_gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as floats run it."""
        if not self.rewritten.rewrites:
            return self.gradient_tape
        return _scheduled(reverse(self.rewritten.tape))

    @cached_property
    def hessian_product_tape(self) -> Tape:
        """The Tape of the Hessian times a direction, as floats run it."""
        from gdcli.autodiff.forward import tangent

        if not self.has_loops:
            return tangent(self.rewritten_gradient_tape)
        return _scheduled(tangent(reverse(self.rewritten.tape)))  # never of a scheduled tape

    @cached_property
    def has_loops(self) -> bool:
        """Whether its tapes have loops or arrays; `unrolled` has none."""
        return self.tape.has_loops

    @cached_property
    def bindings(self) -> Bindings | None:
        """What its value's tape is run with; None where it has no loops."""
        if not self.has_loops:
            return None
        from gdcli.execute.bindings import ArrayBinding, Bindings

        offsets, arrays = self.layout.offsets, {}
        for name, array in self._roles.arrays.items():
            if name in offsets:
                arrays[name] = ArrayBinding(array.lengths, offsets[name])
            else:
                values: Any = self.data[name].ravel()
                arrays[name] = ArrayBinding(array.lengths, values=values)
        inputs = tuple(offsets[name] for name in self.tape.inputs)
        return Bindings(self.sizes, inputs, arrays)

    @property
    def gradient_bindings(self) -> Bindings | None:
        """What its gradient's tape is run with."""
        bindings = self.bindings
        return bindings and bindings._replace(length=self.layout.size)

    def machine_code(self) -> str:
        """The LLVM IR of the value and gradient, as text."""
        from gdcli.execute.native import compile_native

        return compile_native(self.rewritten_gradient_tape, self.gradient_bindings).ir

    # -- the engine's side: vectors of floats, inf and nan ------------------------------------

    def _program(self, tape: Tape, *, derivatives: bool = False, doubled: bool = False) -> Tiered:
        """The tape, to be run; its gradient flat where it has `derivatives` by arrays."""
        from gdcli.execute.tiers import Tiered

        bindings = self.gradient_bindings if derivatives else self.bindings
        if bindings is not None and doubled:
            bindings = bindings.doubled(self.layout.size)
        program = Tiered(tape, bindings, self.backend)
        self._programs.append(program)
        return program

    @property
    def operations(self) -> int:
        """How many operations a value counts for."""
        return self._value.operations

    @property
    def note(self) -> str | None:
        """Why native code did not run where it was wanted; None where nothing was missed."""
        return next((program.note for program in self._programs if program.note), None)

    @cached_property
    def _value(self) -> Tiered:
        return self._program(self.rewritten.tape)

    @cached_property
    def _value_and_gradient(self) -> Tiered:
        return self._program(self.rewritten_gradient_tape, derivatives=True)

    @cached_property
    def _hessian_product(self) -> Tiered:
        return self._program(self.hessian_product_tape, derivatives=True, doubled=True)

    @cached_property
    def _rounding(self) -> Tiered:
        return self._program(rounding(self.rewritten.tape))

    def evaluate(self, point: Point) -> float:
        """The value at `point`."""
        return self._value.run(point)[0]

    def evaluate_gradient(self, point: Point) -> tuple[float, list[float]]:
        """The value and the n partial derivatives at `point`."""
        return self._value_and_gradient.run(point)

    def evaluate_hessian(self, point: Point) -> list[list[float]]:
        """The n rows of second derivatives at `point`, by one forward sweep a row."""
        unit = point * 0.0 if hasattr(point, "shape") else [0.0] * self.layout.size
        rows = []
        for row in range(self.layout.size):
            unit[row] = 1.0
            products = self.evaluate_hessian_product(point, unit)
            rows.append(products.tolist() if hasattr(products, "tolist") else list(products))
            unit[row] = 0.0
        return rows

    def evaluate_hessian_product(self, point: Point, direction: Point) -> Any:
        """The matrix of second derivatives at `point` times `direction`."""
        if isinstance(point, list):
            return self._hessian_product([*point, *direction])[1]
        import numpy as np

        return self._hessian_product(np.concatenate([point, direction]))[1]

    def for_steps(self, steps: int) -> Program | None:
        """The native program of fixed-α descent, where so many steps are worth one."""
        return self._value_and_gradient.for_steps(steps)

    def rounding_error(self, point: Point) -> float:
        """A first-order bound of the rounding error of the value at `point`."""
        return EPSILON * self._rounding(point)[0]


def _scheduled(tape: Tape) -> Tape:
    """The tape with its loops in order, where it has any."""
    if not tape.has_loops:
        return tape
    from gdcli.autodiff.passes.schedule import schedule

    return schedule(tape)


def _data(
    given: Source | Sequence[Source], expression: Expression
) -> dict[str, NDArray[np.float64]]:
    """The arrays of the data that the text names; raises UsageError."""
    from gdcli.functions.data import arrays

    nodes = expression.nodes
    indices = {node.value for node in nodes if node.kind == INDEX}
    names = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)}
    names |= unreserved_calls(expression, ARITIES).keys()  # data of such a name are refused
    return arrays(given, names - indices)


def constant(expression: Expression, place: str) -> float:
    """The float that a constant expression is; raises PointError where it is not finite."""
    tape = lower(expression, assign(expression, ARITIES))
    value = FallbackFunction(tape)([])[0]
    if not isfinite(value):
        raise PointError(f"{place}: {expression} is not a finite number")
    return value


def _parameters(given: Mapping[str, float | str]) -> dict[str, Expression]:
    """The constant expressions of `--set`; a number is taken at its shortest decimal."""
    return {
        normalised(name): read_constant(
            str(value) if isinstance(value, str | int) else repr(float(value)),
            ARITIES,
            f"--set {brief(name)}",
        )
        for name, value in given.items()
    }
