/* The squared length of A x - b: each row of A is read once, for its residual and its gradient. */

double value_and_gradient(long rows, long columns, const double *a, const double *b,
                          const double *x, double *gradient)
{
    double value = 0;
    for (long j = 0; j < columns; j++)
        gradient[j] = 0;
    for (long i = 0; i < rows; i++) {
        const double *row = a + i * columns;
        double residual = -b[i];
        for (long j = 0; j < columns; j++)
            residual += row[j] * x[j];
        value += residual * residual;
        for (long j = 0; j < columns; j++)
            gradient[j] += 2 * residual * row[j];
    }
    return value;
}
