"""What people write today to fit a curve: lmfit, and where to begin."""

import sys

import numpy as np
from lmfit import Model


def model(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    return a * np.exp(-b * x) + c


data, *start = sys.argv[1:]
x, y = np.loadtxt(data, delimiter=",", skiprows=1, unpack=True)
a, b, c = (float(one) for one in start)
print(Model(model).fit(y, x=x, a=a, b=b, c=c).fit_report())
