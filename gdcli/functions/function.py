"""Function: the object a user holds.

Comes in: the text of an expression, and points in any spelling. Goes out: values, gradients and
Hessians; where floats raise, give no finite number or touch a kink, what `nonsmooth/` answers, or
UndefinedError with the failing sub-expression and its place. What examines every step by itself, as
`nonsmooth/` does, examines `unrolled`: the function over the components of a point, its loops
written out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property, partial
from math import inf, isfinite, nan
from os import PathLike
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

from gdcli.autodiff.chain import active
from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS, NONSMOOTH_PRIMITIVES
from gdcli.autodiff.tape import BRANCH, EXTREMA, LOOP, Tape, instructions, tables_by_filler
from gdcli.errors import (
    PointError,
    UndefinedError,
    UsageError,
    brief,
    listed,
)
from gdcli.execute import AUTO, BACKENDS, GRADIENT, PYTHON, VALUE, VALUE_AND_GRADIENT
from gdcli.execute.buffers import empty
from gdcli.execute.limits import LISTED_NUMBER_BYTES
from gdcli.functions import arguments
from gdcli.functions.arguments import public, shown
from gdcli.functions.doubles import double, doubles
from gdcli.functions.engine import Engine, RunEngine, ValueEngine
from gdcli.functions.layout import Layout, by_name
from gdcli.functions.resolved import Parameters, ResolvedExpression, resolve
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    import numpy as np
    import sympy
    from numpy.typing import ArrayLike, NDArray

    import gdcli

    Coordinates = ArrayLike | Mapping[str, ArrayLike]  # of a point
    Points = Coordinates  # an axis more: that of the points

    from gdcli.execute.bindings import Bindings
    from gdcli.execute.native import Program
    from gdcli.execute.tiers import Tiered
    from gdcli.functions.data import DataSources
    from gdcli.functions.many_points import ManyPoints
    from gdcli.functions.problem import Problem
    from gdcli.nonsmooth.answer import Answer
    from gdcli.nonsmooth.provenance import Failure

POINT_BYTES = 24  # a component takes as it is read
COMPONENT_BYTES = 40  # a component takes with its derivative and the direction of descent
EXAMINED_DISTANCE = 1e-6  # from a kink, within which digits decide whether a point lies on it
MOST_DIAGNOSED_OPERATIONS = 4_000_000  # of a tape that is run step by step to find what fails

ORDERED_TYPES = (type(None), float, int, list, tuple, str)  # of a point that has no names for sure
RAISE = "raise"
UNDEFINED_ANSWERS = (RAISE, "nan")  # to a call where there is no finite number
MOST_CALL_STEPS = 60_000  # of sampling, that a call waits for where the text has loops: some 2 s
USERS_NAMES = (  # of a Function's attributes; the others serve the engine
    *("answer", "as_written", "backend", "components", "data", "gradient", "held", "hessian"),
    *(
        "hessian_map",
        "labels",
        "map",
        "notes",
        "parameters",
        "plot",
        "point",
        "problem",
        "sizes",
        "split",
        "text",
        "to_sympy",
    ),
    *("undefined_answer", "unlimited", "value_and_gradient", "value_and_gradient_map"),
    "variables",
)

Point = Any  # a list of floats, or a NumPy array of them, of length n


class Function:
    """A function with exact derivatives: a text, its tape, and the engine that evaluates it.

    `variables` names them in the order in which a point, a flat vector of floats of shape (n,),
    lists them, arrays row by row; `components` names its n numbers. `parameters` gives names in
    the text constant values, `sizes` says how long arrays are where the text leaves it open, and
    `data` are arrays of numbers, as `resolve` takes them; a text that is resolved already has them.
    A column of data may have texts where its entries are subscripts: `labels` has, by its name,
    those that 1, 2, … stand for.
    `as_written` leaves out the accuracy rewrites, `backend` is "auto", "python" or "native", and
    `problem` is what is known of the function, where it is one of a problem file. Where there is no
    finite value or derivative a call raises UndefinedError, unless `undefined` is "nan": then that
    value, or that entry of a gradient or a Hessian, is nan.
    Two functions are equal where they compute the same by the same steps: the formulas without
    blanks and names of their own, the order of the variables, sizes, parameters, the bits of the
    data, `as_written`, `backend` and `undefined` are the same; `problem` does not count. What a
    function has cannot be set. It can be copied and pickled; the copy gives the same bits.
    Raises ExpressionError for a text that cannot be read, UsageError for sizes and data that do not
    fit it; and UsageError when it is first evaluated, where that takes more than 10¹² operations or
    more memory than there is, unless it is `unlimited`.
    """

    loops_written_out = False  # whether the tape is that of loops, iteration by iteration

    @public
    def __init__(
        self,
        text: str | ResolvedExpression,
        parameters: Parameters | None = None,
        sizes: Mapping[str, SupportsIndex] | None = None,
        data: DataSources | None = None,
        as_written: bool = False,
        backend: str = AUTO,
        unlimited: bool = False,
        undefined: str = RAISE,
        problem: Problem | None = None,
    ) -> None:
        if not isinstance(text, ResolvedExpression):
            written = arguments.text(text, "text", 'a formula as a text, such as "x^2 + y^2"')
            text = resolve(written, parameters, sizes, data)
        self.resolved = text
        self.expression, roles, self.data, self.layout, _, elaboration, self.labels = self.resolved
        self.elaborated = elaboration or self.expression  # what origins lead to
        self.text = self.expression.plain
        self.parameters = roles.parameters  # constant expressions by name
        self.sizes = roles.sizes
        self.variables = self.layout.variables
        self.components = self.layout.components
        self.as_written = arguments.flag(as_written, "as_written")
        self.backend = arguments.choice(backend, "backend", BACKENDS)
        self.unlimited = arguments.flag(unlimited, "unlimited")
        self.undefined_answer = arguments.choice(undefined, "undefined", UNDEFINED_ANSWERS)
        self.problem = problem
        self._operations_spent: dict[str, int] = {}  # before this copy was made, by program

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets what the Function lacks; == and hash rely on it that the rest stays."""
        if hasattr(type(self), name) or (name in USERS_NAMES and name in vars(self)):
            raise UsageError(
                f"a Function keeps its {brief(name)}; make another with gdcli.function"
            )
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise UsageError(f"a Function keeps its {brief(name)}; make another with gdcli.function")

    def __dir__(self) -> list[str]:
        """The names that a user has use for, which completion in a notebook offers."""
        return [*filter(lambda name: name.startswith("__"), super().__dir__()), *USERS_NAMES]

    def __repr__(self) -> str:
        """The call that makes such a function, long texts and arrays abbreviated."""
        given = [repr(brief(str(self.expression)))]
        sizes = {name: size for name, size in self.sizes.items() if "." not in name}
        parameters = {name: brief(str(value)) for name, value in self.parameters.items()}
        given += [f"sizes={sizes}"] * bool(sizes) + [f"parameters={parameters}"] * bool(parameters)
        if self.data:
            shapes = (f"{name!r}: <shape {array.shape}>" for name, array in self.data.items())
            given.append(f"data={{{', '.join(shapes)}}}")
        return f"gdcli.function({', '.join(given)})"

    def _identity(self) -> tuple[Any, ...]:
        """What two equal functions have in common, but for the entries of their data."""
        nodes = tuple(
            (kind, LANGUAGE_FUNCTIONS[value].name if value in LANGUAGE_FUNCTIONS else value, places)
            for kind, value, places, _ in self.expression.nodes
        )
        parts = tuple((part.left_side, part.root) for part in self.expression.definitions)
        settings = self.as_written, self.backend, self.undefined_answer
        named = (self.sizes, self.parameters, self.layout.shapes)
        known = tuple(frozenset(one.items()) for one in named)
        return nodes, parts, self.variables, settings, known, frozenset(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Function):
            return NotImplemented
        pairs = ((array, other.data[name]) for name, array in self.data.items())
        return self is other or (
            self._identity() == other._identity()
            and all(one.shape == its.shape and one.tobytes() == its.tobytes() for one, its in pairs)
        )

    def __hash__(self) -> int:
        return hash(self._identity())

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: all but the tapes and programs, which are made again.

        The operations that the programs have done go along, for the copy must turn to native code
        when this one does: where there are loops, the two differ in the last bits.
        """
        made = vars(self)
        kept = {name: value for name, value in made.items() if name not in MADE_LATER}
        spent = made["engine"].operations_spent if "engine" in made else self._operations_spent
        return {**kept, "_operations_spent": spent}

    @property
    def held(self) -> dict[str, float | str]:
        """The value of each name that `parameters` hold; its text where no float stands for it."""
        found: dict[str, float | str] = {}
        for name, value in self.parameters.items():
            from gdcli.functions.constants import constant

            try:
                found[name] = constant(value, name)
            except PointError:
                found[name] = value.text
        return found

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was read as another thing than it says, such as a rounded literal."""
        from gdcli.functions.reading_notes import reading_notes

        return tuple(reading_notes(self.resolved))

    @cached_property
    def tape(self) -> Tape:
        """The value's Tape, as the text says; undefined where an entry of a part is."""
        tape = lower(self.elaborated, self.resolved.roles)
        if not tables_by_filler(tape):
            return tape
        from gdcli.autodiff.passes.unread_entries import check_unread_entries

        return check_unread_entries(tape)

    @cached_property
    def has_loops(self) -> bool:
        """Whether the tape has loops or arrays; that of `unrolled` has none."""
        return self.tape.has_loops

    @cached_property
    def bindings(self) -> Bindings | None:
        """What the value's tape is run with; None where it has no loops."""
        if not self.has_loops:
            return None
        from gdcli.execute.bindings import ArrayBinding, Bindings

        offsets, arrays = self.layout.offsets, {}
        for name, array in self.resolved.roles.arrays.items():
            if name in offsets:
                arrays[name] = ArrayBinding(array.lengths, offsets[name])
            else:
                values: Any = self.data[name].ravel()
                arrays[name] = ArrayBinding(array.lengths, values=values)
        inputs = tuple(offsets[name] for name in self.tape.inputs)
        return Bindings(self.sizes, inputs, arrays)

    @cached_property
    def engine(self) -> Engine:
        size, backend = self.layout.size, self.backend
        given = self.tape, self.bindings, size, self.as_written, backend, self.unlimited
        return Engine(*given, self._operations_spent, self._part_of)

    def _part_of(self, position: int) -> str:
        """The name of the definition whose formula a node stands in; empty where there is none."""
        if position < 0:
            return ""
        parts = self.elaborated.definitions
        return next((one.name for one in parts if position <= one.root), "")

    @property
    def gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as the text says."""
        return self.engine.gradient_tape

    @cached_property
    def unrolled(self) -> Function:
        """The function over scalars, the components of a point; itself where it has no loops.

        Raises UsageError where it is too long.
        """
        return _Unrolled(self) if self.has_loops else self

    @cached_property
    def negated(self) -> Function:
        """The function -f, of the same variables and data."""
        return Function(self.resolved.negated, **_settings(self))

    @cached_property
    def value_alone(self) -> Function:
        """The function with a gradient of no components, so that an `answer` is a value.

        Raises UsageError where its loops are too long to be written out.
        """
        return self._of_value

    @cached_property
    def _of_value(self) -> Function:
        return _ValueAlone(self.unrolled)

    # -- vectors of floats in, inf and nan out where there is no finite number ------------------

    def evaluate(self, point: Point) -> float:
        """The value at `point`."""
        return self.engine.value.run(point)[0]

    def evaluate_gradient(self, point: Point) -> tuple[float, list[float]]:
        """The value and the n partial derivatives at `point`."""
        return self.engine.value_and_gradient.run(point)

    def evaluate_hessian(self, point: Point) -> list[list[float]]:
        """The n rows of second derivatives at `point`, by one forward sweep a row."""
        n = self.layout.size
        self.engine.refuse(f"a Hessian of {n:,} rows", LISTED_NUMBER_BYTES * n**2, values=n)
        return self.engine.hessian_product.rows(as_list(point))

    def evaluate_hessian_product(self, point: Point, direction: Point) -> Any:
        """The matrix of second derivatives at `point` times `direction`."""
        if isinstance(point, list):
            return self.engine.hessian_product([*point, *direction])[1]
        import numpy as np

        both = np.concatenate([point, direction], out=empty(2 * len(point)))
        return self.engine.hessian_product(both)[1]

    def for_run(self) -> Function:
        """The function for one descent, which has the bits of any other from the same start.

        Without loops it is the function itself: machine code has the bits of Python. So is one of
        another class, which may evaluate otherwise.
        """
        return _OfOneRun(self) if type(self) is Function and self.has_loops else self

    def for_steps(self, steps: int) -> Program | None:
        """The native program of fixed-α descent; None where `steps` are too few to compile it."""
        return self.engine.value_and_gradient.for_steps(steps)

    def rounding_error(self, point: Point) -> float:
        """A first-order bound of the rounding error of the value at `point`."""
        return EPSILON * self.engine.rounding(point)[0]

    def evaluate_grid(self, arrays: Sequence[ArrayLike]) -> NDArray[np.float64]:
        """The values at many points: one array a component, of shapes that broadcast."""
        from gdcli.execute.grid import over_grid, point_by_point

        if self._unrolls:
            return over_grid(self.unrolled.engine.rewritten.tape, arrays)
        return point_by_point(lambda point: self.evaluate(self._flat((point,))), arrays)

    # -- what fails, and where it has no derivative ---------------------------------------------

    def failure(self, point: Point) -> str | None:
        """The first step without a finite value at `point`: `log(x - y) at x=1, y=1: log(0)`."""
        found = self.failing(point)
        return None if found is None else found.message

    def failing(self, point: Point) -> Failure | None:
        """The first step without a finite value at `point`, with its place in the text.

        None where everything is finite, and where running the tapes step by step takes too long.
        """
        from gdcli.nonsmooth.provenance import DiagnosedTape, Failure, failure

        for place, number in enumerate(point):
            if not isfinite(number):
                return Failure(f"{self.components[place]} = {number}", None)
        engine = self.engine
        tapes = (
            DiagnosedTape("", engine.rewritten.tape, engine.bindings),
            DiagnosedTape(
                "the derivative of ", engine.rewritten_gradient_tape, engine.gradient_bindings
            ),
        )
        diagnosed = [one for one in tapes if one.work <= MOST_DIAGNOSED_OPERATIONS]
        return failure(self.elaborated, diagnosed, as_list(point)) if diagnosed else None

    def undefined(self, point: Point, otherwise: str, advice: str = "") -> UndefinedError:
        """The error that says what has no finite value, `otherwise` where that is not found."""
        from gdcli.nonsmooth.provenance import Failure

        message, span = self.failing(point) or Failure(otherwise, None)
        return UndefinedError(f"undefined: {message}{advice}", self.expression.text, span)

    @cached_property
    def has_kinks(self) -> bool:
        """Whether any operation has a kink or an edge, or compares what the point moves."""
        tape = self.engine.rewritten.tape
        moving = active(tape)
        return any(
            (one.operation == BRANCH and not moving.isdisjoint(one.operands))
            or one.payload in NONSMOOTH_PRIMITIVES
            or (one.operation == LOOP and not set(EXTREMA).isdisjoint(one.payload.reductions))
            for one in instructions(tape.body)
        )

    def kinks(self, point: Point, distance: float) -> list[str] | None:
        """The kinks within `distance` of `point` in every coordinate, as `abs(x) at x = 0`.

        None where that is not known, because the loops of the text are too long.
        """
        from gdcli.nonsmooth.provenance import kinks

        if not self.has_kinks:
            return []
        if self.has_loops:
            return self.unrolled.kinks(point, distance) if self._unrolls else None
        return kinks(self.elaborated, self.engine.rewritten.tape, point, distance)

    def answer_on_kink(self, point: Point) -> Answer | None:
        """The `answer` at a point that lies on a kink or an edge; None elsewhere.

        None, too, where the loops of the text are too long to look at kinks.
        """
        if not self.kinks(point, EXAMINED_DISTANCE):
            return None
        found = self.answer(point)
        return None if found.beyond_local_rule is None else found

    @cached_property
    def answer_work(self) -> float:
        """How long an `answer` on a kink takes: operations, as exp counts, times variables.

        0 where the loops of the text are too long to look at kinks.
        """
        from gdcli.nonsmooth.answer import digit_cost

        if self.has_loops:
            return self.unrolled.answer_work if self._unrolls else 0.0
        return len(self.components) * digit_cost(self.engine.rewritten.tape)

    @cached_property
    def _unrolls(self) -> bool:
        """Whether the function is short enough to be `unrolled`."""
        try:
            return self.unrolled is not None
        except UsageError:
            return False

    @cached_property
    def kink_distance(self) -> Tiered | None:
        """The program of the distance from the nearest kink, without loops, where one is known."""
        from gdcli.autodiff.passes.kink_distance import kink_distance
        from gdcli.execute.tiers import Tiered

        if self.has_loops:
            return self.unrolled.kink_distance if self._unrolls else None
        tape = kink_distance(self.engine.rewritten.tape)
        backend = PYTHON if self.backend == PYTHON else AUTO  # native once that pays
        return None if tape is None else Tiered(tape, None, backend)

    def _touches(self, point: Any) -> bool:
        """Whether the point lies on a kink."""
        return self.kink_distance is not None and self.kink_distance.run(point)[0] == 0.0

    # -- SymPy ----------------------------------------------------------------------------------

    @public
    def to_sympy(self) -> sympy.Expr:
        """The function as an expression of SymPy: numbers exact, variables as plain symbols.

        The entries of an array are Indexed, `x[1]`; sums are written out. `gdcli.function` takes
        the expression back. Raises UsageError where it is too long for SymPy.
        """
        from gdcli.functions.sympy_expressions import expression_of

        return expression_of(self.unrolled.tape, self.layout)

    def _repr_latex_(self) -> str | None:
        """The formula for a notebook, in LaTeX; None where it is long."""
        from gdcli.functions.sympy_expressions import latex

        found = latex(self.unrolled.tape, self.layout) if self._unrolls else None
        return None if found is None else f"$\\displaystyle {found}$"

    def _repr_html_(self) -> str:
        """The formula for a notebook, which sets the LaTeX in it; the text where it is long."""
        from html import escape

        text = f"<code>{escape(brief(str(self.expression)))}</code>"
        return self._repr_latex_() or text

    # -- pictures -------------------------------------------------------------------------------

    @public
    def plot(self, /, path: str | PathLike[str] | None = None, **settings: Any) -> gdcli.Picture:
        """The picture that `gdcli.plot` draws of this function, with the settings it takes.

        A notebook shows it; with a `path`, "a.png", it is written to that file too.
        """
        import gdcli  # the package is asked by name, for pictures are drawn on a floor above

        return gdcli.plot(self, path, **settings)

    # -- the user's side ------------------------------------------------------------------------

    def __call__(self, /, *point: Coordinates, **named: ArrayLike) -> float:
        """f(1, 2), f([1, 2]), f(x=1, y=2) or f({"x": 1, "y": 2}).

        Raises PointError for what is no point, UndefinedError where no value is finite.
        """
        return self._value_call(*point, **named)

    def gradient(
        self,
        /,
        *point: Coordinates,
        out: ArrayLike | None = None,
        **named: ArrayLike,
    ) -> NDArray[np.float64]:
        """The gradient, an array of shape (n,), at a point in any spelling of a call.

        It is `out`, where that is given: see `value_and_gradient`.
        """
        return self._gradient_call(*point, **(named if out is None else {"out": out, **named}))

    def value_and_gradient(
        self,
        /,
        *point: Coordinates,
        out: ArrayLike | None = None,
        **named: ArrayLike,
    ) -> tuple[float, NDArray[np.float64]]:
        """The value and the gradient, an array of shape (n,), at a point in any spelling.

        On a kink it is the slope of least norm around the point; where loops make that too long to
        find, it is the gradient by the rules of the operations. With `out`, a contiguous writable
        array of float64 of shape (n,), the gradient is written into it, which may be the point's
        own memory; where an error is raised for the numbers at the point, what `out` holds is not
        defined. Raises UsageError for another `out`, PointError for what is no point, and
        UndefinedError where the value or a derivative is not finite.
        """
        given = named if out is None else {"out": out, **named}
        return self._value_and_gradient_call(*point, **given)

    # What the three call: the slow ways that follow, and once that pays the builtins that answer
    # the same in machine code and are the function's methods from then on.

    @cached_property
    def _value_call(self) -> Callable[..., float]:
        return self._value_slowly

    @cached_property
    def _gradient_call(self) -> Callable[..., NDArray[np.float64]]:
        return self._gradient_slowly

    @cached_property
    def _value_and_gradient_call(self) -> Callable[..., tuple[float, NDArray[np.float64]]]:
        return self._value_and_gradient_slowly

    def _quickened(self, answer: str, program: Tiered, slow: Callable[..., Any]) -> None:
        """Counts a call that machine code could answer, and has it do so once that pays."""
        if getattr(self, f"_{answer}_call").__self__ is not self:
            return  # the builtin left this call to the slow way
        method = getattr(Function, answer, None)
        arguments = "$self, /, *point, out=None, **named"
        doc = f"{answer}({arguments})\n--\n\n{method.__doc__}" if method else ""
        trusted = None if self.has_loops else partial(self._trusted_program, answer)
        found = program.builtin(self, answer, slow, doc, self.kink_distance, trusted)
        if found is not None:
            made = vars(self)
            made[f"_{answer}_call"] = found
            if method and getattr(type(self), answer) is method:
                made[answer] = found

    def _trusted_program(self, answer: str) -> Tiered:
        engine = self.engine
        return engine.trusted_value if answer == VALUE else engine.trusted_value_and_gradient

    def _value_slowly(self, /, *point: Coordinates, **named: ArrayLike) -> float:
        flat = self._flat(point, named)
        program = self.engine.value
        fast = program.without_fallback(flat)
        if fast is not None and isfinite(fast[0]) and not self._touches(flat):
            self._quickened(VALUE, program, self._value_slowly)
            return fast[0]
        if not self._unrolls:
            return self._no_number(self.undefined, flat, f"f is {self.evaluate(flat)}")
        found = self._of_value.answer(flat)
        return self._no_number(lambda: found.error) if found.value is None else found.value

    def _gradient_slowly(
        self, /, *point: Coordinates, out: Any = None, **named: ArrayLike
    ) -> NDArray[np.float64]:
        return self._computed(GRADIENT, self._gradient_slowly, point, out, named)[1]

    def _value_and_gradient_slowly(
        self, /, *point: Coordinates, out: Any = None, **named: ArrayLike
    ) -> tuple[float, NDArray[np.float64]]:
        slow = self._value_and_gradient_slowly
        return self._computed(VALUE_AND_GRADIENT, slow, point, out, named)

    def _computed(
        self,
        answer: str,
        slow: Callable[..., Any],
        point: tuple[Any, ...],
        out: Any,
        named: Mapping[str, Any],
    ) -> tuple[float, NDArray[np.float64]]:
        """The value and the gradient, in `out` if it is an array."""
        import numpy as np

        if out is not None and not point and "out" in self.variables:
            named, out = {**named, "out": out}, None
        flat = self._flat(point, named)
        n = self.layout.size
        if out is not None:
            _check_result(out, n)
        apart = type(out) is np.ndarray and not np.may_share_memory(np.asarray(flat), out)
        program = self.engine.value_and_gradient
        fast = program.finite_outputs(flat, out if apart else None)
        if fast is not None and not self._touches(flat):
            self._quickened(answer, program, slow)
            return fast[0], _written(fast[1], out)
        if not self._unrolls:
            what = "the value or a derivative is not finite"
            self._no_number(self.undefined, flat, what)
            value, partials = self.evaluate_gradient(flat)
            found_gradient = np.array(partials, dtype=float)
            found_gradient[~np.isfinite(found_gradient) | (value != value)] = nan
            return value if isfinite(value) else nan, _written(found_gradient, out)
        found = self._answer(flat, MOST_CALL_STEPS if self.has_loops else inf)
        if found.value is None or found.status != "ok":
            if found.value is not None and found.beyond_local_rule is None and fast is not None:
                return fast[0], _written(fast[1], out)  # kinks that take too long to look at
            self._no_number(lambda: found.error)
        value = nan if found.value is None else found.value
        return value, _written(np.array(found.gradient, dtype=float), out)  # None becomes nan

    def hessian(self, /, *point: Coordinates, **named: ArrayLike) -> NDArray[np.float64]:
        """The matrix of second derivatives, an array of shape (n, n), at a point in any spelling.

        Raises UsageError where it takes more memory than there is.
        """
        import numpy as np

        flat = self._flat(point, named)
        n = self.layout.size
        if self._has_no_value(flat):
            self.engine.refuse(f"a Hessian of {n:,} rows", LISTED_NUMBER_BYTES * n**2, values=n)
            return np.full((n, n), nan)
        rows = np.array(self.evaluate_hessian(flat)).reshape(n, n)
        if not np.isfinite(rows).all() and self._unrolls:
            from gdcli.nonsmooth.curvature import second_derivatives

            unrolled = self.unrolled
            found = second_derivatives(
                unrolled.gradient_tape, unrolled.evaluate_hessian, list(flat)
            )
            rows = np.array(found, dtype=float).reshape(n, n)  # None becomes nan
        if not np.isfinite(rows).all():
            self._no_number(self.undefined, flat, "a second derivative is not finite")
            rows[~np.isfinite(rows)] = nan
        return rows

    # -- many points ------------------------------------------------------------------------

    def _at(self, points: Any, named: Mapping[str, Any]) -> ManyPoints:
        from gdcli.functions.many_points import ManyPoints, point_rows

        self._refuse_out(named)
        try:
            rows = point_rows(self.expression, self.layout, points, named)
        except MemoryError:
            raise UsageError("an array of these points takes more memory than there is") from None
        near = self.kink_distance if self.has_loops else None  # else a part of the other programs
        one_by_one = self, self.value_and_gradient, self.hessian
        return ManyPoints(rows, self.engine, near, *one_by_one, self.unlimited)

    @public
    def map(self, /, points: Points | None = None, **named: ArrayLike) -> NDArray[np.float64]:
        """The values at many points, an array of shape (m,).

        The points are the rows of an array of shape (m, n), in the order of `variables`; an array
        of shape (m,) where n is 1; or by name, in a dict, a DataFrame or as keywords, an array for
        each variable: of shape (m,) for a number and (m, ...) for an array. One without the axis of
        the points counts for all of them. Every value is to the bit that of a call at its point
        alone; where there are loops, of a call that runs as machine code too. Many points run as
        machine code, shared by threads where that pays; those on a kink or where floats are not
        finite take as long as a call. Raises PointError for what is no array of points,
        UndefinedError with the number of the first point, from 0, where no value is finite.
        """
        return self._at(points, named).values()

    @public
    def value_and_gradient_map(
        self, /, points: Points | None = None, **named: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The values and the gradients at many points, arrays of shape (m,) and (m, n).

        Points are those of `map`, and so are the errors; each row is what `value_and_gradient`
        answers at its point.
        """
        return self._at(points, named).values_and_gradients()

    @public
    def hessian_map(
        self, /, points: Points | None = None, **named: ArrayLike
    ) -> NDArray[np.float64]:
        """The matrices of second derivatives at many points, an array of shape (m, n, n).

        Points are those of `map`, and so are the errors; each matrix is what `hessian` answers at
        its point. Raises UsageError where they take more memory than there is.
        """
        return self._at(points, named).hessians()

    def _no_number(self, error: Callable[..., UndefinedError], *about: Any) -> float:
        """Nan, where that is what the function answers to; raises the error elsewhere."""
        if self.undefined_answer == RAISE:
            raise error(*about)
        return nan

    def _has_no_value(self, flat: Any) -> bool:
        """Whether there is no value, which raises unless nan is asked for; one too large is one."""
        fast = self.engine.value.without_fallback(flat)
        if fast is not None and isfinite(fast[0]):
            return False
        if not self._unrolls:
            missing = fast is None or fast[0] != fast[0]
            if missing:
                self._no_number(self.undefined, flat, "f has no value")
            return missing
        found = self.answer(flat)
        missing = found.value is None and all(slope is None for slope in found.gradient)
        if missing:
            self._no_number(lambda: found.error)
        return missing

    def answer(self, /, *point: ArrayLike, **named: ArrayLike) -> Answer:
        """Value and gradient as `grad` gives them: every number right to 10 digits, or None.

        Never raises for a point; costs a hundred calls of `gradient`, which trusts floats where
        they give finite numbers off a kink, however many digits cancel.
        """
        return self._answer(self._flat(point, named), inf)

    def _answer(self, point: Point, most_sampling_steps: float) -> Answer:
        from gdcli.nonsmooth.answer import TapedFunction, answer
        from gdcli.nonsmooth.bounded_pass import Tapes

        engine = self.unrolled.engine
        tapes = Tapes(engine.rewritten.tape, engine.rewritten_gradient_tape)
        rewrites, unrolled = engine.rewritten.rewrites, self.unrolled.loops_written_out
        taped = TapedFunction(self.elaborated, tapes, rewrites, self.failing, unrolled)
        return answer(taped, point, most_sampling_steps)

    @public
    def split(self, point: Coordinates) -> dict[str, Any]:
        """A point by variable: numbers, and lists of them for arrays."""
        return self.layout.split(self._flat((point,)))

    @public
    def point(
        self, given: Coordinates, noun: str = "the point", seed: int | None = None
    ) -> Sequence[float]:
        """The flat point that `given` is: in order, by name, or a text such as `x=pi/3,y=-1`.

        A list of floats, or an array where it is long. With a `seed` the text of a variable may be
        `normal(0, 0.1)`, of this mean and standard deviation, or `uniform(-1, 1)`. Raises
        PointError, which calls it `noun`, also where a number is not finite, and UsageError where
        it is longer than memory allows.
        """
        if isinstance(given, str):
            self.refuse_long_point(POINT_BYTES)
            read: Sequence[float] = self.resolved.point(given, noun, seed)
            return read
        flat: Sequence[float] = self._flat((given,))
        for place, value in enumerate(flat):
            if not isfinite(value):
                raise PointError(f"{noun}: {self.components[place]} is {value}, no finite number")
        return flat

    def refuse_long_point(self, component: int = COMPONENT_BYTES) -> None:
        """Raises UsageError where there is no memory for a point of `component` bytes each."""
        n = self.layout.size
        self.engine.refuse(f"a point of {n:,} numbers", component * n)

    def _flat(self, point: tuple[Any, ...], named: Mapping[str, Any] = NO_ENTRIES) -> Any:
        if named:
            self._refuse_out(named)
            if point:
                raise PointError("a point is given in order or by name, not both")
        only: Any = point[0] if len(point) == 1 else None
        if named or (type(only) not in ORDERED_TYPES and (named := by_name(only))):
            point = (only := self.layout.join(named),)
        whole = hasattr(type(only), "__len__") and getattr(only, "ndim", 1) != 0
        values = only if whole else point
        if isinstance(values, str):
            return self.point(values)
        if len(values) != self.layout.size:
            raise PointError(
                f"a point of {self.expression} has {self.layout.size} values "
                f"({listed(self.components)}), not {len(values)}"
            )
        if not isinstance(values, list | tuple):
            return self._array(values)
        try:
            return [one if type(one) is float else double(one, "it") for one in values]
        except PointError:
            for name, one in zip(self.components, values, strict=True):
                double(one, f"the point's {name}")
            raise

    def _refuse_out(self, named: Mapping[str, Any]) -> None:
        if "out" in named and "out" not in self.variables:
            raise UsageError("only gradient and value_and_gradient take out")

    def _array(self, values: Any) -> Any:
        """The point in what is no list: an array where it is long, else a list."""
        import numpy as np

        kept = self.layout.size > MOST_LISTED_COMPONENTS
        if type(values) is np.ndarray and values.dtype == np.float64 and values.ndim == 1:
            return np.ascontiguousarray(values, float) if kept else values.tolist()
        if isinstance(values, Set) or getattr(values, "ndim", 1) != 1:
            raise PointError(f"a point of {self.expression} is a flat list of numbers")
        found = doubles(values, f"a point of {self.expression}", finite=False)
        return found if kept else found.tolist()


class _Unrolled(Function):
    """A function over the components of a point of another one, whose tape has no loops."""

    loops_written_out = True
    whole: Function

    def __init__(self, whole: Function) -> None:
        from gdcli.autodiff.passes.unroll import MAXIMUM_OPERATIONS, too_long, unroll
        from gdcli.execute.work import OPERATIONS_PER_CALL, Work

        assert whole.bindings is not None
        work = Work(whole.tape, whole.bindings).operations
        if max(whole.layout.size, work / OPERATIONS_PER_CALL) > MAXIMUM_OPERATIONS:
            raise too_long()
        components = tuple(whole.components)
        resolved = whole.resolved._replace(layout=Layout(components, {}))
        super().__init__(resolved, **_settings(whole))
        vars(self).update(whole=whole, tape=unroll(whole.tape, whole.bindings, components))

    def __reduce__(self) -> tuple[Any, ...]:
        return _Unrolled, (self.whole,)

    def failing(self, point: Point) -> Failure | None:
        """The first step without a finite value at `point`, with the iterations of the loops."""
        return self.whole.failing(point)


class _OfOneRun(Function):
    """Another function, but for the counts of operations by which its programs go native."""

    whole: Function

    def __init__(self, whole: Function) -> None:
        super().__init__(whole.resolved, **_settings(whole))
        vars(self).update(whole=whole, tape=whole.tape, bindings=whole.bindings)

    @cached_property
    def engine(self) -> Engine:
        return cast("Engine", RunEngine(self.whole.engine))

    @cached_property
    def unrolled(self) -> Function:
        return self.whole.unrolled


class _ValueAlone(Function):
    """The value of a function without loops: one whose gradient has no components."""

    whole: Function

    def __init__(self, whole: Function) -> None:
        super().__init__(whole.resolved, **_settings(whole))
        vars(self).update(whole=whole, tape=whole.tape, loops_written_out=whole.loops_written_out)

    @cached_property
    def engine(self) -> Engine:
        size, backend = self.layout.size, self.backend
        return ValueEngine(self.tape, None, size, self.as_written, backend, self.unlimited)

    def failing(self, point: Point) -> Failure | None:
        """The first step without a finite value at `point`, with the iterations of any loops."""
        return self.whole.failing(point)


def _settings(function: Function) -> dict[str, Any]:
    """The arguments of another function that is evaluated as `function` is."""
    names = ("as_written", "backend", "unlimited", "problem")
    settings = {name: getattr(function, name) for name in names}
    return {**settings, "undefined": function.undefined_answer}


def _check_result(out: Any, n: int) -> None:
    """Raises UsageError where a gradient of n numbers cannot be written into `out`."""
    import numpy as np

    if not isinstance(out, np.ndarray):
        given = shown(out)
    elif out.dtype != np.float64 or out.shape != (n,):
        order = "" if out.dtype.isnative else " in another byte order"
        given = f"one of {out.dtype.name}{order} of shape {out.shape}"
    elif not (out.flags.c_contiguous and out.flags.aligned):
        given = "one that is not contiguous"
    elif not out.flags.writeable:
        given = "one that is read-only"
    else:
        return
    wanted = f"a contiguous writable array of float64 of shape ({n},), such as numpy.empty({n})"
    raise UsageError(f"out takes {wanted}, not {given}")


def _written(gradient: Any, out: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """The gradient as an array; in `out`, if there is one."""
    import numpy as np

    if out is None:
        return np.asarray(gradient)
    if gradient is not out:
        out[:] = gradient
    return out


MADE_LATER = {
    name
    for one in (Function, _Unrolled)
    for name, value in vars(one).items()
    if isinstance(value, cached_property)
} | {GRADIENT, VALUE_AND_GRADIENT}
