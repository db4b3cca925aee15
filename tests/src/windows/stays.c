/* A console app: says which version it is, and waits until its input ends. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *version = getenv("EKIBEN_VERSION");
    printf("ran %s\n", version ? version : "?");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}
