// Bonmin on the .nl file that is named; prints its status (0: optimal), its value and its bound.

#include <BonAmplSetup.hpp>
#include <BonCbc.hpp>
#include <cstdio>

int main(int, char **arguments) {
    Bonmin::BonminAmplSetup setup;
    setup.initialize(arguments);
    Bonmin::Bab search;
    search(setup);
    std::printf("\n%d %.17g %.17g\n", search.mipStatus(), search.bestObj(), search.bestBound());
}
