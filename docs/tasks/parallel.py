"""Many starts in several processes: a function can be sent to them, data and all."""

from multiprocessing import Pool

import numpy as np

import gdcli

hours = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 12.0])
level = np.array([0.0, 5.9, 7.6, 6.8, 3.2, 1.3])
loss = gdcli.function(
    "f(A, r, s) = sum((A*(exp(-r*hours[i]) - exp(-s*hours[i])) - level[i])^2 for i in 1:n)",
    data={"hours": hours, "level": level},
    undefined="nan",
)


def descend(start):
    return gdcli.minimize(loss, start=start)


if __name__ == "__main__":
    starts = [(10, r, s) for r in (0.1, 0.5) for s in (1, 2, 4)]
    with Pool(2) as pool:
        results = pool.map(descend, starts)
    minima = [result for result in results if result.classification == "minimum"]
    print(len(results), "descents,", len(minima), "in a minimum")
    best = min(minima, key=lambda result: result.fun)
    print("A, r, s =", best.x.round(3), "and the sum of squares", round(best.fun, 4))

# prints:
#   6 descents, 6 in a minimum
#   A, r, s = [19.818  0.225  0.689] and the sum of squares 0.0027
