"""What people write today to fit a curve: SciPy's curve_fit, and where to begin, if they know."""

import json
import sys

import numpy as np
from scipy.optimize import curve_fit


def model(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    return a * np.exp(-b * x) + c


data, *start = sys.argv[1:]
x, y = np.loadtxt(data, delimiter=",", skiprows=1, unpack=True)
values, covariance = curve_fit(model, x, y, p0=[float(one) for one in start] or None)
errors = np.sqrt(np.diag(covariance))
print(json.dumps(dict(zip("abc", zip(values.tolist(), errors.tolist(), strict=True), strict=True))))
