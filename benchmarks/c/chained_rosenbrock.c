/* The sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2: every entry is read once and written once. */

double value_and_gradient(long n, const double *x, double *gradient)
{
    double value = 0, carried = 0;
    for (long i = 0; i < n - 1; i++) {
        double t = x[i + 1] - x[i] * x[i], u = 1 - x[i];
        value += 100 * (t * t) + u * u;
        gradient[i] = carried - 400 * t * x[i] - 2 * u;
        carried = 200 * t;
    }
    gradient[n - 1] = carried;
    return value;
}
