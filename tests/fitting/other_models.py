"""Models that are not NIST's, with data that are drawn: what people fit, in the units they use.

`drawn` gives the columns of a model, a response with normal noise, and the parameters that the data
were made with. Python evaluates the models here, not gdcli.
"""

from __future__ import annotations

import math
import random
import re
from typing import NamedTuple

Columns = dict[str, list[float]]


class OtherModel(NamedTuple):
    """A model, the parameters that its data are made with, and the noise by the range of y."""

    text: str
    parameters: dict[str, float]
    columns: Columns
    noise: float


def steps(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def powers(low: float, high: float, count: int) -> list[float]:
    return [10.0**exponent for exponent in steps(low, high, count)]


def grid(x: list[float], z: list[float]) -> Columns:
    return {"x": [one for one in x for _ in z], "z": [one for _ in x for one in z]}


MODELS = {
    "years": OtherModel(
        "y ~ a*exp(b*(x - 1950)) + c",
        {"a": 20, "b": 0.03, "c": 290},
        {"x": steps(1959, 2020, 62)},
        0.005,
    ),
    "years-logistic": OtherModel(
        "y ~ K/(1 + exp(-r*(x - m)))",
        {"K": 330, "r": 0.03, "m": 1950},
        {"x": steps(1790, 2010, 23)},
        0.01,
    ),
    "damped-sine": OtherModel(
        "y ~ a*exp(-b*t)*sin(w*t + q) + c",
        {"a": 3, "b": 0.2, "w": 5, "q": 0.7, "c": 1},
        {"t": steps(0, 10, 120)},
        0.03,
    ),
    "hill": OtherModel(
        "y ~ b + (t - b)*x^n/(k^n + x^n)",
        {"b": 5, "t": 95, "n": 2.2, "k": 3e-6},
        {"x": powers(-8, -4, 25)},
        0.02,
    ),
    "gompertz": OtherModel(
        "y ~ a*exp(-b*exp(-c*x))", {"a": 120, "b": 5, "c": 0.08}, {"x": steps(0, 100, 40)}, 0.02
    ),
    "arrhenius": OtherModel(
        "y ~ A*exp(-E/(8.314*(T + 273.15)))", {"A": 3e9, "E": 55000}, {"T": steps(10, 80, 15)}, 0.01
    ),
    "two-peaks": OtherModel(
        "y ~ a1*exp(-(x-m1)^2/(2*s1^2)) + a2*exp(-(x-m2)^2/(2*s2^2)) + c",
        {"a1": 100, "m1": 1010, "s1": 8, "a2": 60, "m2": 1045, "s2": 14, "c": 12},
        {"x": steps(950, 1120, 171)},
        0.02,
    ),
    "logistic-growth": OtherModel(
        "y ~ K*p/(p + (K - p)*exp(-r*t))",
        {"K": 1000, "p": 10, "r": 0.6},
        {"t": steps(0, 20, 41)},
        0.02,
    ),
    "michaelis": OtherModel(
        "y ~ V*x/(K + x)",
        {"V": 200, "K": 0.06},
        {"x": [0.02, 0.02, 0.06, 0.06, 0.11, 0.11, 0.22, 0.22, 0.56, 0.56, 1.1, 1.1]},
        0.03,
    ),
    "power-offset": OtherModel(
        "y ~ a*x^b + c", {"a": 2e-4, "b": 2.4, "c": 7}, {"x": steps(1, 90, 50)}, 0.01
    ),
    "stretched": OtherModel(
        "y ~ a*exp(-(t/h0)^b) + c",
        {"a": 1, "h0": 3e-3, "b": 0.6, "c": 0.1},
        {"t": powers(-5, -1, 60)},
        0.01,
    ),
    "lorentz": OtherModel(
        "y ~ a*g^2/((x-m)^2 + g^2) + c",
        {"a": 5e4, "m": 2.8712e9, "g": 4e5, "c": 1e3},
        {"x": steps(2.865e9, 2.878e9, 200)},
        0.02,
    ),
    "gauss-bg": OtherModel(
        "y ~ a*exp(-(x-m)^2/(2*s^2)) + b*x + c",
        {"a": 300, "m": 511, "s": 2.5, "b": -0.8, "c": 600},
        {"x": steps(480, 540, 121)},
        0.03,
    ),
    "sinus": OtherModel(
        "y ~ a*sin(2*pi*f*t + q) + c",
        {"a": 1.2, "f": 50.2, "q": 1, "c": 0.3},
        {"t": steps(0, 0.2, 200)},
        0.1,
    ),
    "biexp": OtherModel(
        "y ~ a*exp(-b*x) + c*exp(-d*x)",
        {"a": 80, "b": 2.0, "c": 20, "d": 0.2},
        {"x": steps(0, 12, 50)},
        0.005,
    ),
    "weibull": OtherModel(
        "y ~ 1 - exp(-(x/s)^k)", {"s": 1500, "k": 1.8}, {"x": steps(100, 4000, 30)}, 0.01
    ),
    "langmuir": OtherModel(
        "y ~ q*k*x/(1 + k*x)", {"q": 3.2, "k": 1.4e-4}, {"x": steps(500, 80000, 20)}, 0.02
    ),
    "rational": OtherModel(
        "y ~ (a + b*x)/(1 + c*x + d*x^2)",
        {"a": 2, "b": 3, "c": -0.3, "d": 0.08},
        {"x": steps(0, 12, 60)},
        0.01,
    ),
    "approach": OtherModel(
        "y ~ c - (c - s)*exp(-k*t)",
        {"c": 20, "s": 90, "k": 0.0011},
        {"t": steps(0, 3600, 61)},
        0.01,
    ),
    "double-sigmoid": OtherModel(
        "y ~ a1/(1+exp(-(x-m1)/w1)) + a2/(1+exp(-(x-m2)/w2)) + c",
        {"a1": 4, "m1": 20, "w1": 2, "a2": 6, "m2": 60, "w2": 4, "c": 1},
        {"x": steps(0, 100, 120)},
        0.01,
    ),
    "bass": OtherModel(
        "y ~ m*(1-exp(-(p+q)*t))/(1+q/p*exp(-(p+q)*t))",
        {"m": 1e6, "p": 0.01, "q": 0.4},
        {"t": steps(1, 25, 25)},
        0.01,
    ),
    "planck": OtherModel(
        "y ~ a/(x^5*(exp(b/x) - 1))", {"a": 4e5, "b": 4.2}, {"x": steps(0.3, 3, 60)}, 0.01
    ),
    "antoine": OtherModel(
        "log(y) ~ A - B/(C + T)", {"A": 18.3, "B": 3816, "C": 227}, {"T": steps(10, 100, 19)}, 0.001
    ),
    "step": OtherModel(
        "y ~ a + b*tanh((x - m)/w)",
        {"a": -3, "b": -2, "m": 7.7, "w": 0.3},
        {"x": steps(0, 12, 90)},
        0.03,
    ),
    "pseudo-voigt": OtherModel(
        "y ~ A*(n*w^2/((x-m)^2+w^2) + (1-n)*exp(-log(2)*(x-m)^2/w^2)) + c",
        {"A": 900, "n": 0.4, "w": 0.15, "m": 28.44, "c": 40},
        {"x": steps(27, 30, 151)},
        0.01,
    ),
    "two-columns": OtherModel(
        "y ~ V*x*z/((K + x)*(L + z))",
        {"V": 12, "K": 0.4, "L": 30},
        grid([0.1, 0.2, 0.5, 1, 2, 4], [5, 15, 40, 100, 200]),
        0.02,
    ),
    "surface-peak": OtherModel(
        "y ~ a*exp(-((x-m)^2 + (z-n)^2)/(2*s^2)) + c",
        {"a": 9, "m": 130, "n": -40, "s": 12, "c": 2},
        grid(steps(80, 180, 15), steps(-90, 10, 15)),
        0.03,
    ),
    "broken-line": OtherModel(
        "y ~ ifelse(x < k, a + b*x, a + b*k + c*(x - k))",
        {"a": 3, "b": 0.5, "c": -1.5, "k": 31},
        {"x": steps(0, 60, 61)},
        0.02,
    ),
    "decay-tiny": OtherModel(
        "y ~ a*exp(-t/h0) + c",
        {"a": 2e-12, "h0": 3e-9, "c": 1e-13},
        {"t": steps(0, 2e-8, 100)},
        0.01,
    ),
    "negative-exp": OtherModel(
        "y ~ a + b*exp(x/c)", {"a": -5, "b": -0.02, "c": 1.3}, {"x": steps(0, 8, 40)}, 0.01
    ),
    "sum-of-sines": OtherModel(
        "y ~ a*sin(v*t) + b*cos(w*t) + c",
        {"a": 2, "v": 1.3, "b": 1.4, "w": 3.1, "c": 5},
        {"t": steps(0, 30, 200)},
        0.05,
    ),
    "logistic4": OtherModel(
        "y ~ d + (a - d)/(1 + (x/c)^b)",
        {"a": 0.05, "d": 2.5, "c": 40, "b": 1.3},
        {"x": [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000]},
        0.01,
    ),
    "vapor": OtherModel(
        "y ~ exp(a + b/x + c*log(x))",
        {"a": 20, "b": -3000, "c": -1.5},
        {"x": steps(280, 380, 30)},
        0.005,
    ),
    "heat-capacity": OtherModel(
        "y ~ a*(t/x)^2*exp(t/x)/(exp(t/x)-1)^2",
        {"a": 25, "t": 340},
        {"x": steps(20, 600, 50)},
        0.01,
    ),
    "sellmeier": OtherModel(
        "y ~ sqrt(1 + b*x^2/(x^2 - c))", {"b": 1.1, "c": 0.012}, {"x": steps(0.4, 1.6, 30)}, 0.002
    ),
    "gamma-var": OtherModel(
        "y ~ a*t^b*exp(-t/c)", {"a": 0.3, "b": 3, "c": 2.2}, {"t": steps(0.5, 30, 60)}, 0.02
    ),
    "lognormal": OtherModel(
        "y ~ a/x*exp(-(log(x) - m)^2/(2*s^2))",
        {"a": 50, "m": 2.3, "s": 0.5},
        {"x": steps(1, 60, 80)},
        0.02,
    ),
    "monod-logs": OtherModel(
        "log(y) ~ log(V) + log(x) - log(K + x)",
        {"V": 5, "K": 0.7},
        {"x": [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]},
        0.01,
    ),
    "rc-gain": OtherModel(
        "y ~ g/sqrt(1 + (x/f)^2)", {"g": 10, "f": 3400}, {"x": powers(1, 6, 40)}, 0.01
    ),
    "julian-days": OtherModel(
        "y ~ a - b*atan((x - m)/w)",
        {"a": 2, "b": 1.2, "m": 2451545.3, "w": 0.8},
        {"x": steps(2451540, 2451550, 80)},
        0.02,
    ),
    "cooling": OtherModel(
        "y ~ u + (s - u)*exp(-k*(t - 100))",
        {"u": 18, "s": 70, "k": 0.02},
        {"t": steps(100, 300, 50)},
        0.01,
    ),
    "planck-si": OtherModel(
        "y ~ A*2*6.62607015e-34*2.998e8^2"
        "/(x^5*(exp(6.62607015e-34*2.998e8/(x*1.380649e-23*T)) - 1))",
        {"A": 1, "T": 5800},
        {"x": steps(2e-7, 2.5e-6, 60)},
        0.01,
    ),
    "three-peaks": OtherModel(
        "y ~ a*exp(-(x-m)^2/(2*s^2)) + b*exp(-(x-n)^2/(2*r^2)) + c*exp(-(x-o)^2/(2*q^2))",
        {"a": 10, "m": 20, "s": 3, "b": 7, "n": 45, "r": 5, "c": 5, "o": 75, "q": 4},
        {"x": steps(0, 100, 200)},
        0.02,
    ),
    "fast-wave": OtherModel(
        "y ~ a*sin(w*t + q) + c",
        {"a": 2, "w": 39.1, "q": 0.5, "c": 1},
        {"t": steps(0, 10, 300)},
        0.1,
    ),
    "short-period": OtherModel(
        "y ~ a*sin(2*pi*(t - o)/p)",
        {"a": 2, "p": 0.0643, "o": 0.01},
        {"t": steps(0, 10, 750)},
        0.1,
    ),
    "chirp": OtherModel(
        "y ~ a*sin(w*t + k*t^2 + q)",
        {"a": 2, "w": 3, "k": 0.2, "q": 0.4},
        {"t": steps(0, 10, 200)},
        0.05,
    ),
    "unix-seconds": OtherModel(
        "y ~ a + b/(1 + exp(-(x - m)/d))",
        {"a": 20, "b": 60, "m": 1.600004e9, "d": 700},
        {"x": steps(1.6e9, 1.60001e9, 80)},
        0.01,
    ),
    "hinge": OtherModel(
        "y ~ a + b*max(0, x - c)", {"a": 5, "b": 2, "c": 3.3}, {"x": steps(0, 10, 50)}, 0.02
    ),
    "chromatogram": OtherModel(
        "y ~ a*exp((x - m)*(-k) + k^2*s^2/2)*erfc((m + k*s^2 - x)/(s*sqrt(2)))",
        {"a": 40, "m": 10, "k": 0.5, "s": 1.2},
        {"x": steps(0, 30, 120)},
        0.01,
    ),
}

NAMED = ("exp", "log", "sin", "cos", "tanh", "sqrt", "atan", "erfc", "pi")
FUNCTIONS = {"max": max, **{name: getattr(math, name) for name in NAMED}}


def drawn(name: str, seed: int = 1) -> tuple[Columns, dict[str, float]]:
    """The columns with the response y of a model, whose noise a seed sets, and its parameters."""
    text, parameters, columns, noise = MODELS[name]
    left, right = text.split("~")
    right = re.sub(r"ifelse\((.*?), (.*?), (.*)\)$", r"(\2) if \1 else (\3)", right.strip())
    code = compile(right.replace("^", "**"), name, "eval")
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    exact = [eval(code, {**FUNCTIONS, **parameters, **row}) for row in rows]
    draw = random.Random(f"{name} {seed}")
    spread = noise * (max(exact) - min(exact))
    response = [value + draw.gauss(0.0, spread) for value in exact]
    if "log(y)" in left:
        response = [math.exp(value) for value in response]
    return {**columns, "y": response}, parameters
