"""C: the one-pass loops of benchmarks/c, compiled when they are first needed, on one thread."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import which
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.formulas import five_well
from benchmarks.works import Array, Run, Work

SOURCES = Path(__file__).parent.parent / "c"
COMPILER = "gcc"
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fPIC", "-shared")
# gcc calls libmvec only where nobody reads errno; all else of -ffast-math stays off
LIBMVEC = ("-DLIBMVEC", "-fopenmp-simd", "-fno-math-errno")
FOLDER = TemporaryDirectory(prefix="benchmarks-")


def missing() -> bool:
    return which(COMPILER) is None


@cache
def compiled(source: str, *options: str) -> ctypes.CDLL:
    target = Path(FOLDER.name) / "-".join((source, *options))
    libraries = ("-lmvec", "-lm") if options else ("-lm",)
    path = SOURCES / f"{source}.c"
    run([COMPILER, *FLAGS, *options, str(path), "-o", str(target), *libraries], check=True)
    return ctypes.CDLL(str(target))


def prepare(work: Work) -> Run:
    """The compiled loop on the work's own memory."""
    if work.steps:
        return descent(work)
    source = {"network": "network"}.get(work.name, work.name.lower().replace(" ", "_"))
    return evaluation(work, compiled(source))


def prepare_libmvec(work: Work) -> Run | None:
    """The same loop with the vector functions of libmvec; only the exponential fit has one."""
    if work.name != "exponential fit":
        return None
    return evaluation(work, compiled("exponential_fit", *LIBMVEC))


def evaluation(work: Work, library: ctypes.CDLL) -> Run:
    gradient = np.zeros_like(work.point)
    function = library.value_and_gradient
    function.restype = ctypes.c_double
    arrays = [np.ascontiguousarray(array) for array in work.data.values()]
    arguments = [ctypes.c_long(length) for length in lengths(work)]
    arguments += [address(array) for array in (*arrays, work.point, gradient)]

    def call() -> tuple[float, Array]:
        return function(*arguments), gradient

    call.__dict__["holds"] = arrays  # the addresses must outlive the call
    return call


def lengths(work: Work) -> Sequence[int]:
    if not work.data:
        return work.point.shape
    first = next(iter(work.data.values()))
    if work.name == "network":
        return (*first.shape, (len(work.point) - 1) // (first.shape[1] + 2))
    return first.shape


def descent(work: Work) -> Run:
    function = compiled("five_well").descend
    function.restype = ctypes.c_double
    steps, alpha = ctypes.c_long(work.steps), ctypes.c_double(work.alpha)

    def call() -> tuple[float, Array]:
        point = work.point.copy()
        lowest = function(steps, alpha, address(point))
        return min(lowest, five_well(*point.tolist())), point

    return call


def address(array: Array) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)
