"""LLVM text to machine code in memory, by llvmlite: the one module that imports it.

Comes in: the text of a module. Goes out: `Machine`, the addresses of its functions. `available`
says why that cannot be done here, if it cannot.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from weakref import finalize

from gdcli.execute.native.operations import LIBRARY_ARITIES
from gdcli.execute.native.support import Vectors

RECENT_MACHINES = 16  # whose code is kept, some 100 kB each
LIBMVEC = "libmvec.so.1"
VECTOR_WIDTHS = (("avx512f", 8, "e"), ("avx2", 4, "d"), ("sse2", 2, "b"))
# Before LLVM sees the text, equal values are one and loops are vectors. So these passes give code
# as fast as all of LLVM's do, in a quarter of the time.
LOOP_PASSES = (
    "always_inliner",
    "simplify_cfg",
    "loop_rotate",
    "instruction_combine",
    "simplify_cfg",
)


@cache
def available() -> str | None:
    """Why no machine code can be made on this system; None where it can."""
    try:
        _target()
    except ImportError:
        return "llvmlite is not installed"
    except (OSError, RuntimeError) as error:
        return f"llvmlite cannot make code for this processor ({error})"
    return None


@cache
def _target() -> tuple[Any, Any]:
    """llvmlite's binding and the target of this processor."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm, llvm.Target.from_default_triple()


@cache
def _processor() -> tuple[str, str]:
    """The name of this processor for LLVM, and its features."""
    llvm, _ = _target()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@cache
def vectors() -> Vectors:
    """The vector variants that libmvec has for this processor; none where there is no libmvec."""
    llvm, target = _target()
    features = llvm.get_host_cpu_features()
    fused = bool(features.get("fma")) or not target.triple.startswith("x86_64")
    if not target.triple.startswith("x86_64"):
        return Vectors(fused=fused)
    scales = bool(features.get("avx512f"))
    try:
        library = ctypes.CDLL(LIBMVEC)
        llvm.load_library_permanently(LIBMVEC)
    except (OSError, RuntimeError):
        return Vectors(fused=fused, scales=scales)
    for feature, width, letter in VECTOR_WIDTHS:
        if features.get(feature):
            some = Vectors(width, frozenset(), letter, fused, scales)
            found = (some.symbol(name) for name in LIBRARY_ARITIES)
            return some._replace(symbols=frozenset(s for s in found if hasattr(library, s)))
    return Vectors(fused=fused)


def add_symbols(addresses: Mapping[str, int]) -> None:
    """Lets modules that are made from now on call functions by name."""
    llvm, _ = _target()
    for name, place in addresses.items():
        llvm.add_symbol(name, place)


class Machine:
    """The machine code of a module; `text` is the module's text after optimization.

    In a `straight` module, which has no loops over arrays, equal operations side by side, as on two
    coordinates, become vectors of two; no result changes by that. A `quick` one is a piece of
    straight code or has many branches: LLVM writes one instruction after the other as they are,
    straight code as fast in a sixth of the time. `pieces` are the Machines of functions that the
    module calls, by name.
    """

    def __init__(
        self,
        text: str,
        *,
        straight: bool = False,
        quick: bool = False,
        pieces: tuple[tuple[str, Machine], ...] = (),
    ) -> None:
        llvm, target = _target()
        processor, features = _processor()
        # For loops the quick code generator makes code as fast, in two thirds of the time.
        effort = 0 if quick else 2 if straight else 1
        machine = target.create_target_machine(
            cpu=processor, features=features, opt=effort, jit=True
        )
        module = llvm.parse_assembly(text)
        module.verify()
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        options.slp_vectorization = straight
        builder = llvm.create_pass_builder(machine, options)
        if straight:
            passes = builder.getModulePassManager()
        else:
            passes = llvm.create_new_module_pass_manager()
            for name in LOOP_PASSES[:1] if quick else LOOP_PASSES:
                getattr(passes, f"add_{name}_pass")()
        passes.run(module, builder)
        self._module = module
        self._pieces = pieces
        self._engine = engine = llvm.create_mcjit_compiler(module, machine)
        # The garbage collector finalizes the objects of a cycle in any order, but never what has
        # no references itself, as a code object: the engine lives until nobody has that.
        self._token = compile("0", "machine code", "eval")
        finalize(self._token, engine.close).atexit = False
        named = dict(pieces)
        for function in module.functions:  # LLVM may have dropped calls in a side that never runs
            if function.name in named:
                address = named[function.name].address(function.name)
                engine.add_global_mapping(function, address)
        engine.finalize_object()

    @property
    def text(self) -> str:
        return str(self._module)

    def address(self, name: str) -> int:
        """The address of the function of that name."""
        address: int = self._engine.get_function_address(name)
        if not address:
            raise RuntimeError(f"the module has no function {name}")
        return address

    def function(self, name: str, *types: Any) -> Any:
        """The function of that name, to be called from Python; a call releases Python's lock."""
        function = ctypes.CFUNCTYPE(None, *types)(self.address(name))
        function.machine = self  # type: ignore[attr-defined]  # which holds the code
        return function


# The Machine of a module, made once of the texts of late: a fit is often made again.
recent_machine = lru_cache(maxsize=RECENT_MACHINES)(Machine)
