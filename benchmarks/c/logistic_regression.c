/* The sum of log(1 + exp(-y (w·x + b))) over the rows; the point is w, then b. */

#include <math.h>

double value_and_gradient(long rows, long columns, const double *x, const double *y,
                          const double *point, double *gradient)
{
    double value = 0;
    for (long j = 0; j <= columns; j++)
        gradient[j] = 0;
    for (long i = 0; i < rows; i++) {
        const double *row = x + i * columns;
        double margin = point[columns];
        for (long j = 0; j < columns; j++)
            margin += row[j] * point[j];
        double z = -y[i] * margin, e = exp(-fabs(z));
        value += (z > 0 ? z : 0) + log1p(e);
        double adjoint = -y[i] * (z > 0 ? 1 : e) / (1 + e);
        for (long j = 0; j < columns; j++)
            gradient[j] += adjoint * row[j];
        gradient[columns] += adjoint;
    }
    return value;
}
