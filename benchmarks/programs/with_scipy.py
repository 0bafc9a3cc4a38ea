"""What people write today: the function, its gradient by hand, and scipy.optimize."""

import json

from scipy.optimize import minimize

result = minimize(
    lambda p: p[0] ** 2 + p[1] ** 2, [0.9, 0.8], jac=lambda p: [2 * p[0], 2 * p[1]], method="BFGS"
)
print(json.dumps({"x": list(result.x), "f": result.fun, "converged": bool(result.success)}))
