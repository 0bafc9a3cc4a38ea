"""The ways to a value and gradient that are timed: a module each, whose `prepare(work)` gives them.

What `prepare` returns is a call without arguments that gives the value and the gradient; all that
can be done once, such as compiling and moving data, has been done. It is None where a peer has no
version of that work. A peer whose package or compiler is not installed is named by `missing`. The
registry is PEERS: a peer more is a record there, and a module here.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from shutil import which
from subprocess import run
from typing import NamedTuple

from benchmarks.works import Run, Work


class Peer(NamedTuple):
    """A module here; what it needs; and how many steps of a descent it is given, being slow.

    A peer of a package and a program needs both, and the `library` that pkg-config knows.
    """

    name: str
    module: str
    package: str = ""
    program: str = ""
    prepare: str = "prepare"
    steps: int = 0
    library: str = ""

    def lacks(self) -> list[str]:
        """What of it is not here."""
        absent = [self.package] if self.package and find_spec(self.package) is None else []
        absent += [self.program] * (bool(self.program) and which(self.program) is None)
        asked = ["pkg-config", "--exists", self.library]
        known = not self.library or (which(asked[0]) is not None and run(asked).returncode == 0)
        return absent if known else [*absent, self.library]

    def installed(self) -> bool:
        return not self.lacks()

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
    Peer("Numba", "with_numba", "numba"),
    Peer("Numba fastmath", "with_numba", "numba", prepare="prepare_fast"),
    JAX,
    Peer("Enzyme", "with_jax", "enzyme_ad", prepare="prepare_enzyme"),
    REFERENCE,
    Peer("PyTorch", "with_torch", "torch", steps=1_000),
    Peer("torch.compile", "with_torch", "torch", "g++", "prepare_compiled", steps=1_000),
    CASADI,
    Peer("CasADi's C", "with_casadi", "casadi", "gcc", "prepare_compiled"),
    Peer("autograd", "with_autograd", "autograd", steps=500),
)

GLOBAL_OPTIMIZERS = (  # of global_optimizers.py: over a box
    Peer(OURS, "certifying"),
    Peer("intvalpy", "with_intvalpy", "intvalpy"),
    Peer("SCIP", "with_scip", "pyscipopt"),
    Peer("Bonmin", "with_bonmin", "pyomo", "g++", library="bonminamplinterface"),
)


def missing() -> list[str]:
    """What is not here, as `PyTorch (torch)`."""
    absent = [
        peer
        for peer in (*PEERS, HYPOTHESIS, SCIPY, LMFIT, OPTIMISTIX, *GLOBAL_OPTIMIZERS)
        if not peer.installed()
    ]
    return [f"{peer.name} ({', '.join(peer.lacks())})" for peer in absent]
