#include <stdio.h>

static int grams(void) {
    int unused = 3;
    return 531;
}

int main(int argc, char **argv) {
    unsigned limit = 500;
    printf("peso: %d µg (%s)\n", grams(), argv[argc - 1]);
    return grams() > limit;
}
