/* A library as somebody may plant it: leaves a file `<library>.loaded` beside itself when it is loaded. */
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    char path[1024];
    DWORD length;
    if (reason == DLL_PROCESS_ATTACH) {
        length = GetModuleFileNameA(self, path, sizeof path - 8);
        lstrcpyA(path + length, ".loaded");
        CloseHandle(CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
    }
    return TRUE;
}
