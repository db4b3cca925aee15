/* An app with windows, but for the windows: makes the file that EKIBEN_TEST_UP names, if any, and fetches messages until the
   one is there that EKIBEN_TEST_END names. */
#include <windows.h>

int WINAPI WinMain(HINSTANCE self, HINSTANCE none, LPSTR line, int show)
{
    char end[1024], up[1024];
    MSG message;
    if (!GetEnvironmentVariableA("EKIBEN_TEST_END", end, sizeof end))
        return 9;
    if (GetEnvironmentVariableA("EKIBEN_TEST_UP", up, sizeof up) && GetFileAttributesA(end) == INVALID_FILE_ATTRIBUTES)
        CloseHandle(CreateFileA(up, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
    SetTimer(NULL, 0, 50, NULL);
    while (GetFileAttributesA(end) == INVALID_FILE_ATTRIBUTES)
        GetMessageA(&message, NULL, 0, 0);
    return 0;
}
