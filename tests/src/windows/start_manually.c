// Has a service start when it is asked to, as an admin does with `services.msc`: start_manually SERVICE

#include <windows.h>

int main(int count, char **arguments)
{
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = count == 2 ? OpenServiceA(manager, arguments[1], SERVICE_CHANGE_CONFIG) : NULL;
    DWORD same = SERVICE_NO_CHANGE;
    return !ChangeServiceConfigA(service, same, SERVICE_DEMAND_START, same, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}
