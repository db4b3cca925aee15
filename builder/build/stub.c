/* What the standard library refers to, and a launcher does without. Linked as `libunwind`, before the C library. */

/* For std::backtrace: musl's toolchain has no unwinder, and a launcher that aborts on panic needs none.
   _Unwind_Backtrace answers "end of stack" at once. */
int _Unwind_Backtrace(void *callback, void *argument) { return 5; }
long _Unwind_GetIP(void *context) { return 0; }
long _Unwind_GetIPInfo(void *context, int *before) { return 0; }
long _Unwind_GetCFA(void *context) { return 0; }
void *_Unwind_FindEnclosingFunction(void *pc) { return 0; }

/* For std::thread: nobody looks at the names of a launcher's threads, and musl's own brings all of printf. 9 KB. */
int pthread_setname_np(void *thread, const char *name) { return 0; }
