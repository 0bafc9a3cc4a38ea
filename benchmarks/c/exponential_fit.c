/* The sum of (a exp(-b t) + c - y)^2 over the rows.

   With LIBMVEC the compiler is told that exp has vector variants and that the four sums may be
   split; nothing else about the arithmetic is relaxed. */

#ifdef LIBMVEC
#pragma omp declare simd notinbranch
double exp(double);
#define SPLIT _Pragma("omp simd reduction(+ : value, da, db, dc)")
#else
#include <math.h>
#define SPLIT
#endif

double value_and_gradient(long rows, const double *t, const double *y, const double *point,
                          double *gradient)
{
    double a = point[0], b = point[1], c = point[2], value = 0, da = 0, db = 0, dc = 0;
    SPLIT
    for (long i = 0; i < rows; i++) {
        double decay = exp(-b * t[i]), residual = a * decay + c - y[i];
        value += residual * residual;
        da += residual * decay;
        db += residual * decay * t[i];
        dc += residual;
    }
    gradient[0] = 2 * da;
    gradient[1] = -2 * a * db;
    gradient[2] = 2 * dc;
    return value;
}
