"""SciPy's optimizers with exact gradients and Hessians."""

# needs scipy
from scipy.optimize import minimize, root

import gdcli

# L-BFGS takes value and gradient together; without a gradient it takes differences, one more
# evaluation for each variable.
f = gdcli.function("rosenbrock-n", sizes={"n": 10}, undefined="nan")
start = [0.5] * 10
exact = minimize(f.value_and_gradient, start, jac=True, method="L-BFGS-B")
differences = minimize(f, start, method="L-BFGS-B")
print("L-BFGS:", exact.success, exact.x.round(3))
print("at least 5 times the evaluations without gradient:", differences.nfev > 5 * exact.nfev)

# Newton's method takes the Hessian too.
newton = minimize(f, start, jac=f.gradient, hess=f.hessian, method="trust-exact")
print("Newton:", newton.success, newton.x.round(3))

# Outside of its domain this function answers nan, and the line search steps back.
barrier = gdcli.function("x + y - log(x) - 2*log(y)", undefined="nan")
inside = minimize(barrier.value_and_gradient, [5, 5], jac=True, method="BFGS")
print("barrier:", inside.x.round(3))

# A stationary point, be it a minimum or not, is a root of the gradient.
bowl = gdcli.function("x^3 - 3x*y + y^2")
found = root(bowl.gradient, [1.4, 2], jac=bowl.hessian)
print("stationary:", found.x.round(6))

# prints:
#   L-BFGS: True [1. 1. 1. 1. 1. 1. 1. 1. 1. 1.]
#   at least 5 times the evaluations without gradient: True
#   Newton: True [1. 1. 1. 1. 1. 1. 1. 1. 1. 1.]
#   barrier: [1. 2.]
#   stationary: [1.5  2.25]
