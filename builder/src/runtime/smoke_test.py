import json, os, site, sys

tree = os.path.realpath(sys.argv[1])
inside = [os.path.commonpath([tree, os.path.realpath(path)]) == tree for path in sys.path]
print(json.dumps({
    "version": sys.version_info[:3],
    "user_site": site.ENABLE_USER_SITE is not False,
    # The first is where `-c` finds modules, if anything but the ._pth file decided on it.
    "outside": [path for path, ok in zip(sys.path, inside) if not ok],
}))
