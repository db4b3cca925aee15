/* A console program that starts another one, told in one word, as Windows starts programs with windows: outside its console.
   Ends as that one does. */
#include <windows.h>

int main(int count, char **words)
{
    STARTUPINFOA startup = {sizeof startup};
    PROCESS_INFORMATION started;
    DWORD code = 99;
    if (count != 2 || !CreateProcessA(NULL, words[1], NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &started))
        return 98;
    WaitForSingleObject(started.hProcess, INFINITE);
    GetExitCodeProcess(started.hProcess, &code);
    return code;
}
