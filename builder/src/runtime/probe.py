import json, platform, sys, sysconfig

try:
    import tkinter
    tcl = tkinter.Tcl().eval("info library")
except Exception:
    tcl = None

version = sys.version_info
print(json.dumps({
    "usable": sys.implementation.name == "cpython"
    and version.releaselevel == "final"
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
    and not hasattr(sys, "gettotalrefcount"),
    "platform": sys.platform,
    "machine": platform.machine().lower() if sys.maxsize > 2**32 else "32 bit",
    "major": version.major,
    "minor": version.minor,
    "patch": version.micro,
    "prefix": sys.base_prefix,
    "stdlib": sysconfig.get_path("stdlib"),
    "extensions": sysconfig.get_config_var("DESTSHARED"),
    "tcl": tcl,
}))
