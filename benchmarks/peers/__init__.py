"""The ways to a value and gradient that are timed: a module each, whose `prepare(work)` gives them.

What `prepare` returns is a call without arguments that gives the value and the gradient; all that
can be done once, such as compiling and moving data, has been done. It is None where a peer has no
version of that work. A peer whose package or compiler is not installed is named by `missing`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from shutil import which
from typing import NamedTuple

from benchmarks.works import Run, Work


class Peer(NamedTuple):
    """A module here; what it needs; and how many steps of a descent it is given, being slow."""

    name: str
    module: str
    package: str = ""
    program: str = ""
    prepare: str = "prepare"
    steps: int = 0

    def installed(self) -> bool:
        if self.program:
            return which(self.program) is not None
        return not self.package or find_spec(self.package) is not None

    def given(self, work: Work) -> Work:
        """The work as this peer does it: a descent may be cut short."""
        return work._replace(steps=min(work.steps, self.steps)) if self.steps else work

    def run(self, work: Work) -> Run | None:
        module = import_module(f"benchmarks.peers.{self.module}")
        run: Run | None = getattr(module, self.prepare)(self.given(work))
        return run


OURS = "gdcli"
REFERENCE = Peer("NumPy", "with_numpy", "numpy", steps=10_000)
JAX = Peer("JAX", "with_jax", "jax")
CASADI = Peer("CasADi", "with_casadi", "casadi")
HYPOTHESIS = Peer("Hypothesis", "", "hypothesis")  # writes programs: benchmarks/generated.py
SCIPY = Peer("SciPy", "", "scipy")  # a program of its own: benchmarks/startup.py
LMFIT, OPTIMISTIX = Peer("lmfit", "", "lmfit"), Peer("optimistix", "", "optimistix")  # of fits.py
PEERS = (
    Peer(OURS, "ours"),
    Peer("C", "c", program="gcc"),
    Peer("C with libmvec", "c", program="gcc", prepare="prepare_libmvec"),
    JAX,
    REFERENCE,
    Peer("PyTorch", "with_torch", "torch", steps=1_000),
    CASADI,
    Peer("autograd", "with_autograd", "autograd", steps=500),
)


def missing() -> list[str]:
    """What is not here, as `PyTorch (torch)`."""
    absent = [
        peer for peer in (*PEERS, HYPOTHESIS, SCIPY, LMFIT, OPTIMISTIX) if not peer.installed()
    ]
    return [f"{peer.name} ({peer.package or peer.program})" for peer in absent]
