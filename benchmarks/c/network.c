/* The sum of (c + v·tanh(W x + b) - y)^2 over the rows; the point is W row by row, b, v, c. */

#include <math.h>

double value_and_gradient(long rows, long columns, long units, const double *x, const double *y,
                          const double *point, double *gradient)
{
    const double *w = point, *b = w + units * columns, *v = b + units, *c = v + units;
    double *dw = gradient, *db = dw + units * columns, *dv = db + units, *dc = dv + units;
    double value = 0, hidden[units];
    for (long k = 0; k < units * (columns + 2) + 1; k++)
        gradient[k] = 0;
    for (long i = 0; i < rows; i++) {
        const double *row = x + i * columns;
        double residual = *c - y[i];
        for (long k = 0; k < units; k++) {
            double z = b[k];
            for (long j = 0; j < columns; j++)
                z += w[k * columns + j] * row[j];
            hidden[k] = tanh(z);
            residual += v[k] * hidden[k];
        }
        value += residual * residual;
        for (long k = 0; k < units; k++) {
            double adjoint = 2 * residual * v[k] * (1 - hidden[k] * hidden[k]);
            dv[k] += 2 * residual * hidden[k];
            db[k] += adjoint;
            for (long j = 0; j < columns; j++)
                dw[k * columns + j] += adjoint * row[j];
        }
        *dc += 2 * residual;
    }
    return value;
}
