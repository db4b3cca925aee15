/* An app with windows, but for the windows: fetches messages until the file is there that EKIBEN_TEST_END names. */
#include <windows.h>

int WINAPI WinMain(HINSTANCE self, HINSTANCE none, LPSTR line, int show)
{
    char end[1024];
    MSG message;
    if (!GetEnvironmentVariableA("EKIBEN_TEST_END", end, sizeof end))
        return 9;
    SetTimer(NULL, 0, 50, NULL);
    while (GetFileAttributesA(end) == INVALID_FILE_ATTRIBUTES)
        GetMessageA(&message, NULL, 0, 0);
    return 0;
}
