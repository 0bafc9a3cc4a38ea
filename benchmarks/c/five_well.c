/* Steepest descent of fixed step size on the lecture's five wells; keeps the lowest value. */

#include <math.h>

static double value_and_gradient(double x, double y, double *dx, double *dy)
{
    double x0 = x - 10, x1 = x + 10, x2 = x - 5, x3 = x + 5, y0 = y - 10, y3 = y + 10;
    double yy = y * y, yy0 = y0 * y0, yy3 = y3 * y3;
    double w0 = 1 / (1 + 0.05 * (x * x) + yy0);
    double w1 = 1 / (1 + 0.05 * (x0 * x0) + yy);
    double w2 = 1 / (1 + 0.03 * (x1 * x1) + yy);
    double w3 = 1 / (1 + 0.05 * (x2 * x2) + yy3);
    double w4 = 1 / (1 + 0.1 * (x3 * x3) + yy3);
    double wells = 1 - w0 - w1 - 1.5 * w2 - 2 * w3 - w4;
    double r = x * x + yy, p = pow(r, 0.2), basin = 1 + 0.0001 * (r * p);
    double s0 = w0 * w0, s1 = w1 * w1, s2 = 1.5 * (w2 * w2), s3 = 2 * (w3 * w3), s4 = w4 * w4;
    double wx = 0.1 * (s0 * x + s1 * x0 + s3 * x2) + 0.06 * (s2 * x1) + 0.2 * (s4 * x3);
    double wy = 2 * (s0 * y0 + (s1 + s2) * y + (s3 + s4) * y3);
    double slope = wells * (0.00024 * p);
    *dx = wx * basin + slope * x;
    *dy = wy * basin + slope * y;
    return wells * basin;
}

double descend(long steps, double alpha, double *point)
{
    double x = point[0], y = point[1], dx, dy, lowest = INFINITY;
    for (long k = 0; k < steps; k++) {
        double value = value_and_gradient(x, y, &dx, &dy);
        if (value < lowest)
            lowest = value;
        x -= alpha * dx;
        y -= alpha * dy;
    }
    point[0] = x;
    point[1] = y;
    return lowest;
}
