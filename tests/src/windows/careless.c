/* A program that loads libraries by their names alone, as it is told: the opposite of a launcher. */
#include <windows.h>

int main(int count, char **names)
{
    while (--count > 0)
        LoadLibraryA(names[count]);
    return 0;
}
