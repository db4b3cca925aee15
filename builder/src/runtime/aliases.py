"""The aliases of encodings, and the start of this Python's isolation.

The names are in `encodings/_aliases.py`, which is CPython's own `encodings/aliases.py`, unchanged.

A `._pth` file beside the interpreter keeps PYTHONHOME, PYTHONPATH, the registry and the working directory out
of `sys.path`, but not the user's own site directory (`~/.local/lib/python3.x/site-packages` and the like):
what somebody once installed with `pip install --user` would reach into this application, `.pth` files with
code to run and `usercustomize` included.

The switches that exist do not fit. `-s` and `-I` hold for one process, not for the children that the
application starts through `sys.executable`. `PYTHONNOUSERSITE` would reach them, and also every other Python
that they start. `sitecustomize` and our own `.pth` files run after the user's directory was added.

Every CPython imports this module before anything that can be configured, in every process, so it is the place
to see to it. While the module `site` is executed for the first time, and only then, `sys.flags` says what it
would say under `-s`. `site` then neither adds the user's directory nor reads anything in it. Afterwards
`sys.flags`, `sys.meta_path` and `site` are as they always are.
"""

import sys

from encodings._aliases import aliases


class _NoUserSite:
    """`sys.flags` under `-s`, and the finder and loader that show it to `site`."""

    no_user_site = 1

    def find_spec(self, name, path=None, target=None):
        if name != "site":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path)
            if spec is not None:
                self.loader, spec.loader = spec.loader, self
                return spec
        return None

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.flags = sys.flags
        sys.flags = self
        # The loader looks at its own spec (a frozen one keeps facts there), so it must be in place again.
        module.__spec__.loader = module.__loader__ = self.loader
        try:
            self.loader.exec_module(module)
        finally:
            sys.flags = self.flags

    # `.pth` files of this tree and `sitecustomize` run meanwhile. They may ask for any other flag, by name or place.
    def __getattr__(self, name):
        return getattr(self.flags, name)

    def __getitem__(self, place):
        return self.flags[place]

    def __iter__(self):
        return iter(self.flags)

    def __len__(self):
        return len(self.flags)


sys.meta_path.insert(0, _NoUserSite())
