"""Networks, factorizations and formulas of matrices: value and gradient beside JAX.

`python -m benchmarks.arrays [--quick] [TITLE ...]` prints a line of JSON for each text of each
work, in one process; `table` runs it on one thread and on all. Before a work is timed every answer
must agree with the peer's, to 9 digits of the largest component. Integer labels are taken by
`take_along_axis` in JAX. The peers and gdcli take turns; figures are medians of 15 of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers import JAX
from benchmarks.process import lines
from benchmarks.race import QUICK_ROUNDS, ROUNDS, Turns, agree
from benchmarks.works import Answer, Array, Run, seeded


class ArrayWork(NamedTuple):
    """A function of arrays at a point.

    `texts` are gdcli's, by what tells them apart; `formula` is JAX's, of `jax.numpy`, the flat
    point and the data; NumPy takes its place where there is a gradient `by_hand`. `limit` is the
    largest ratio of gdcli's time to the peer's that is accepted on one thread, `all_threads` on
    all.
    """

    title: str
    texts: Mapping[str, str]
    data: Mapping[str, Array]
    point: Array
    formula: Callable[[Any, Any, Mapping[str, Any]], Any]
    limit: float
    all_threads: float | None = None
    by_hand: Callable[[Array, Mapping[str, Array]], Answer] | None = None


PARTS, NESTED, WHOLE = "parts", "nested", "whole arrays"


def split(point: Any, *shapes: tuple[int, ...]) -> list[Any]:
    """The arrays of these shapes that a flat point holds one after the other."""
    found, start = [], 0
    for shape in shapes:
        end = start + int(np.prod(shape))
        found.append(point[start:end].reshape(shape))
        start = end
    return found


def deep_network(rows: int = 10_000, columns: int = 20, units: int = 64) -> ArrayWork:
    """Two hidden layers, regression."""
    random = seeded()
    d, h = columns, units
    shapes = ((h, d), (h,), (h, h), (h,), (h,), ())

    def formula(np_: Any, point: Any, data: Mapping[str, Any]) -> Any:
        w, b, v, a, u, c = split(point, *shapes)
        first = np_.tanh(data["X"] @ w.T + b)
        second = np_.tanh(first @ v.T + a)
        return np_.sum((second @ u + c - data["y"]) ** 2)

    header = f"f(W[{h},{d}], b[{h}], V[{h},{h}], a[{h}], u[{h}], c) = "
    return ArrayWork(
        f"tanh network {d}-{h}-{h}-1, {rows:,} rows",
        {
            PARTS: f"{header}h[i, k] = tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:{d})); "
            f"g[i, l] = tanh(a[l] + sum(V[l,k]*h[i,k] for k in 1:{h})); "
            f"sum((c + sum(u[l]*g[i,l] for l in 1:{h}) - y[i])^2 for i in 1:n)",
            NESTED: f"{header}sum((c + sum(u[l]*tanh(a[l] + sum(V[l,k]*tanh(b[k] + "
            f"sum(W[k,j]*X[i,j] for j in 1:{d})) for k in 1:{h})) for l in 1:{h}) - y[i])^2 "
            "for i in 1:n)",
            WHOLE: f"{header}h = tanh(X*W' .+ b'); g = tanh(h*V' .+ a'); sum((g*u .+ c .- y).^2)",
        },
        {"X": random.standard_normal((rows, d)), "y": random.standard_normal(rows)},
        flat(random, *shapes),
        formula,
        0.8,
    )


def classifier(
    rows: int = 10_000, columns: int = 784, units: int = 128, classes: int = 10
) -> ArrayWork:
    """One hidden layer and a softmax of integer labels."""
    random = seeded()
    d, h, k = columns, units, classes
    shapes = ((h, d), (h,), (k, h), (k,))

    def formula(np_: Any, point: Any, data: Mapping[str, Any]) -> Any:
        import jax

        w, b, v, a = split(point, *shapes)
        z = np_.tanh(data["X"] @ w.T + b) @ v.T + a
        labels = data["label"].astype(int)[:, None]
        own = np_.take_along_axis(z, labels, axis=1)[:, 0]
        return np_.sum(jax.nn.logsumexp(z, axis=1) - own)

    header = f"f(W[{h},{d}], b[{h}], V[{k},{h}], a[{k}]) = "
    return ArrayWork(
        f"softmax network {d}-{h}-{k}, {rows:,} rows, integer labels",
        {
            PARTS: f"{header}h[i, l] = tanh(b[l] + sum(W[l,j]*X[i,j] for j in 1:{d})); "
            f"z[i, c] = a[c] + sum(V[c,l]*h[i,l] for l in 1:{h}); "
            f"sum(logsumexp(z[i,c] for c in 1:{k}) - z[i, label[i]+1] for i in 1:n)",
        },
        {
            "X": random.standard_normal((rows, d)),
            "label": random.integers(0, k, rows).astype(float),
        },
        flat(random, *shapes),
        formula,
        1.2,
        1.2,
    )


def wide_network(rows: int, columns: int, units: int, limit: float) -> ArrayWork:
    """One hidden layer, regression."""
    random = seeded()
    d, h = columns, units
    shapes = ((h, d), (h,), (h,), ())

    def formula(np_: Any, point: Any, data: Mapping[str, Any]) -> Any:
        w, b, v, c = split(point, *shapes)
        return np_.sum((np_.tanh(data["X"] @ w.T + b) @ v + c - data["y"]) ** 2)

    header = f"f(W[{h},{d}], b[{h}], v[{h}], c) = "
    return ArrayWork(
        f"tanh network {d}-{h}-1, {rows:,} rows",
        {
            PARTS: f"{header}h[i, k] = tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:{d})); "
            f"sum((c + sum(v[k]*h[i,k] for k in 1:{h}) - y[i])^2 for i in 1:n)",
            NESTED: f"{header}sum((c + sum(v[k]*tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:{d})) "
            f"for k in 1:{h}) - y[i])^2 for i in 1:n)",
        },
        {"X": random.standard_normal((rows, d)), "y": random.standard_normal(rows)},
        flat(random, *shapes),
        formula,
        limit,
    )


def factorization(rows: int = 1_000, columns: int = 800, rank: int = 20) -> ArrayWork:
    random = seeded()
    shapes = ((rows, rank), (columns, rank))

    def formula(np_: Any, point: Any, data: Mapping[str, Any]) -> Any:
        u, v = split(point, *shapes)
        return np_.sum((data["R"] - u @ v.T) ** 2)

    header = f"f(U[{rows},{rank}], V[{columns},{rank}]) = "
    return ArrayWork(
        f"factorization ‖R − UVᵀ‖², {rows:,} × {columns}, k = {rank}",
        {
            NESTED: f"{header}sum((R[i,j] - sum(U[i,l]*V[j,l] for l in 1:{rank}))^2 "
            "for i in 1:m, j in 1:n)",
            WHOLE: f"{header}norm(R - U*V')^2",
        },
        {"R": random.standard_normal((rows, columns))},
        flat(random, *shapes),
        formula,
        0.5,
    )


def observed(
    entries: int = 1_000_000, users: int = 1_000, items: int = 800, rank: int = 20
) -> ArrayWork:
    """The factorization of the entries that were observed."""
    random = seeded()
    shapes = ((users, rank), (items, rank))

    def formula(np_: Any, point: Any, data: Mapping[str, Any]) -> Any:
        u, v = split(point, *shapes)
        user, item = (data[name].astype(int) - 1 for name in ("user", "item"))
        return np_.sum((data["r"] - np_.sum(u[user] * v[item], axis=1)) ** 2)

    return ArrayWork(
        f"factorization, {entries:,} observed entries",
        {
            PARTS: f"f(U[users,{rank}], V[items,{rank}]) = "
            "sum((r[k] - dot(U[user[k]], V[item[k]]))^2 for k in 1:n)"
        },
        {
            "r": random.standard_normal(entries),
            "user": with_all(random, users, entries),
            "item": with_all(random, items, entries),
        },
        flat(random, *shapes),
        formula,
        1.0,
    )


def with_all(random: np.random.Generator, count: int, entries: int) -> Array:
    """Numbers from 1 to `count`, each of which occurs."""
    drawn = random.integers(1, count + 1, entries - count)
    return random.permutation(np.concatenate([np.arange(1, count + 1), drawn])).astype(float)


def product_chain(n: int = 400) -> ArrayWork:
    random = seeded()
    return ArrayWork(
        f"`norm(A*B*x - b)^2`, n = {n}",
        {WHOLE: "norm(A*B*x - b)^2"},
        {name: random.standard_normal((n, n)) for name in "AB"} | {"b": random.standard_normal(n)},
        random.standard_normal(n),
        lambda np_, x, data: np_.sum((data["A"] @ (data["B"] @ x) - data["b"]) ** 2),
        1.5,
    )


def gram(n: int = 300) -> ArrayWork:
    random = seeded()
    return ArrayWork(
        f"‖UᵀU − B‖², n = {n}",
        {
            NESTED: f"f(U[{n},{n}]) = sum((sum(U[k,i]*U[k,j] for k in 1:{n}) - B[i,j])^2 "
            f"for i in 1:{n}, j in 1:{n})",
            WHOLE: f"f(U[{n},{n}]) = norm(U'*U - B)^2",
        },
        {"B": random.standard_normal((n, n))},
        flat(random, (n, n)),
        lambda np_, p, data: np_.sum((p.reshape(n, n).T @ p.reshape(n, n) - data["B"]) ** 2),
        1.0,
    )


def least_squares(rows: int = 2_000, columns: int = 500) -> ArrayWork:
    random = seeded()

    def by_hand(x: Array, data: Mapping[str, Array]) -> Answer:
        r = data["A"] @ x - data["b"]
        return float(r @ r), 2 * (r @ data["A"])

    return ArrayWork(
        f"least squares {rows:,} × {columns}, over NumPy",
        {
            NESTED: "sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)",
            WHOLE: "norm(A*x - b)^2",
        },
        {"A": random.standard_normal((rows, columns)), "b": random.standard_normal(rows)},
        random.standard_normal(columns),
        lambda np_, x, data: np_.sum((data["A"] @ x - data["b"]) ** 2),
        1.1,
        by_hand=by_hand,
    )


def flat(random: np.random.Generator, *shapes: tuple[int, ...]) -> Array:
    """A point of these arrays, each drawn with the scale that suits a layer of its width."""
    pieces = [
        random.standard_normal(shape) / np.sqrt(shape[-1] if len(shape) > 1 else 1.0)
        for shape in shapes
    ]
    return np.concatenate([piece.ravel() for piece in pieces])


WORKS: tuple[Callable[[], ArrayWork], ...] = (
    deep_network,
    classifier,
    lambda: wide_network(2_000, 784, 128, 1.5),
    lambda: wide_network(10_000, 64, 64, 1.0),
    factorization,
    observed,
    product_chain,
    gram,
    least_squares,
)


def table(quick: bool = False) -> Iterator[str]:
    """The lines of the table, from one process on one thread and one on all."""
    if not JAX.installed():
        return
    options = ["--quick"] if quick else []
    one, every = (
        [json.loads(line) for line in lines("arrays", *options, one_thread=only)]
        for only in (True, False)
    )
    yield (
        "| value and gradient, one thread | text | gdcli, ms | JAX, ms | ratio | at most "
        "| all threads | at most |"
    )
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for single, threaded in zip(one, every, strict=True):
        limit, all_threads = single["limits"]
        yield (
            f"| {single['title']} | {single['text']} | {1e3 * single['ours']:.3g} "
            f"| {1e3 * single['theirs']:.3g} | {single['ratio']:.2f} | {limit} "
            f"| {threaded['ratio']:.2f} | {all_threads or '–'} |"
        )


def main() -> None:
    rounds = QUICK_ROUNDS if "--quick" in sys.argv[1:] else ROUNDS
    wanted = [word for word in sys.argv[1:] if not word.startswith("--")]
    for make in WORKS:
        work = make()
        if not wanted or any(word in work.title for word in wanted):
            for figures in raced(work, rounds):
                print(json.dumps(figures), flush=True)


def raced(work: ArrayWork, rounds: int) -> Iterator[dict[str, Any]]:
    """The figures of each text of a work."""
    import gdcli

    theirs = with_numpy(work) if work.by_hand else with_jax(work)
    right = theirs()
    for name, text in work.texts.items():
        function = gdcli.function(text, data=dict(work.data), backend="native")

        def ours(function: Any = function) -> Answer:
            value, gradient = function.evaluate_gradient(work.point)
            return value, gradient

        agree(f"{name} of {work.title}", ours(), right)
        turns = [Turns(ours), Turns(theirs)]
        for turn in turns * rounds:
            turn.take()
        mine, peers = (turn.taken[-rounds:] for turn in turns)
        yield {
            "title": work.title,
            "text": name,
            "ours": median(mine),
            "theirs": median(peers),
            "ratio": median(a / b for a, b in zip(mine, peers, strict=True)),
            "limits": (work.limit, work.all_threads),
        }


def with_numpy(work: ArrayWork) -> Run:
    assert work.by_hand is not None
    by_hand = work.by_hand
    return lambda: by_hand(work.point, work.data)


def with_jax(work: ArrayWork) -> Run:
    """`jit` of `value_and_grad` in float64, the data on the device beforehand."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    data = {name: jnp.asarray(array) for name, array in work.data.items()}
    point = jnp.asarray(work.point)
    function = jax.jit(jax.value_and_grad(lambda p, d: work.formula(jnp, p, d)))

    def call() -> Answer:
        value, gradient = jax.block_until_ready(function(point, data))
        return value, gradient

    return call


if __name__ == "__main__":
    main()
