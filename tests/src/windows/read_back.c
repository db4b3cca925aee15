// Has Windows read what ekiben writes for it:
//   read_back rights SDDL           access rights, as Windows writes what it has understood
//   read_back message FILE N TEXT   the message N of a program's resource, with TEXT in it

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <sddl.h>

int main(int count, char **arguments)
{
    if (count == 3 && !strcmp(arguments[1], "rights")) {
        SECURITY_INFORMATION all = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
        PSECURITY_DESCRIPTOR descriptor;
        char *text;
        return !ConvertStringSecurityDescriptorToSecurityDescriptorA(arguments[2], SDDL_REVISION_1, &descriptor, NULL)
            || !ConvertSecurityDescriptorToStringSecurityDescriptorA(descriptor, SDDL_REVISION_1, all, &text, NULL)
            || puts(text) < 0;
    }
    if (count == 5 && !strcmp(arguments[1], "message")) {
        HMODULE program = LoadLibraryExA(arguments[2], NULL, LOAD_LIBRARY_AS_DATAFILE);
        DWORD_PTR texts[] = {(DWORD_PTR)arguments[4]};
        DWORD how = FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY;
        char text[1000];
        return !program
            || !FormatMessageA(how, program, atoi(arguments[3]), 0, text, sizeof text, (va_list *)texts)
            || fputs(text, stdout) < 0;
    }
    return 2;
}
