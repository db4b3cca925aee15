"""What is known of CPython and of some packages beforehand: modules that are imported without a statement that says so. Comes
before `reach.py`, which reads it."""

# What the interpreter imports without a statement that says so, whatever the app does.
ALWAYS = """encodings encodings.aliases encodings._aliases encodings.utf_8 encodings.latin_1 encodings.ascii encodings.cp437
encodings.utf_8_sig encodings.idna encodings.punycode encodings.mbcs encodings.oem encodings.cp850 encodings.cp852
encodings.cp866 encodings.koi8_r encodings.koi8_u abc codecs
io site os stat posixpath ntpath genericpath _collections_abc _sitebuiltins warnings copyreg importlib importlib.util
importlib.machinery traceback linecache runpy _pylong""".split()
# A locale may ask for one of these at the start of the interpreter, which fails without it.
ALWAYS += [f"encodings.iso8859_{n}" for n in range(1, 17)] + [f"encodings.cp{n}" for n in range(1250, 1259)]

# What C code imports: from a module, or from one whose name stands in the code.
IMPLIED = {
    "_datetime": "_strptime",
    "_pickle": "copyreg _compat_pickle functools",
    "_decimal": "numbers collections",
    "_elementtree": "copy pyexpat xml.etree.ElementPath",
    "_json": "json.decoder",
    "_asyncio": "asyncio.events asyncio.base_futures asyncio.exceptions asyncio.base_tasks asyncio.coroutines traceback weakref",
    "_sqlite3": "sqlite3.dump collections.abc",
    "_zoneinfo": "zoneinfo._tzpath zoneinfo._common",
    "_ssl": "_socket",
    "_curses": "curses",
    "array": "collections.abc",
    # By what is frozen.
    "importlib.resources": "importlib.readers",
    # By names that are computed, or in a table.
    "xml.sax": "xml.sax.expatreader",
    "xml.dom.domreg": "xml.dom.minidom",
    "dbm": "dbm.dumb dbm.gnu dbm.ndbm dbm.sqlite3",
    "sysconfig": "_sysconfigdata*",
    "zoneinfo": "tzdata.*",
    "lib2to3": "lib2to3.*",
    "multiprocessing.spawn": "runpy",
}
# The same, for builtin modules: when the code uses such a name. The package importlib itself only passes the call on.
BY_NAME = {
    "strptime": "_strptime",
    "invalidate_caches": "importlib.metadata",
    # By `pathlib`, since 3.14.
    "as_uri": "urllib.request",
    "from_uri": "urllib.request",
}

# Packages that are found under another name, too: setuptools' shim in the place of distutils, and what pkg_resources brought
# along before it looked in setuptools' own directory.
ALIASES = {"distutils": "setuptools._distutils", "pkg_resources.extern": "pkg_resources._vendor"}
# A directory of modules that a package adds to `sys.path`.
ADDED = "setuptools/_vendor"

# What attributes and submodules of six.moves are, where that is another module than its name says.
MOVES = {
    "cPickle": "pickle", "copyreg": "copyreg", "copyreg_": "copyreg", "http_cookiejar": "http.cookiejar",
    "http_cookies": "http.cookies", "http_client": "http.client", "html_entities": "html.entities",
    "html_parser": "html.parser", "email_mime_base": "email.mime.base", "email_mime_image": "email.mime.image",
    "email_mime_multipart": "email.mime.multipart", "email_mime_nonmultipart": "email.mime.nonmultipart",
    "email_mime_text": "email.mime.text", "BaseHTTPServer": "http.server", "CGIHTTPServer": "http.server",
    "SimpleHTTPServer": "http.server", "_dummy_thread": "_thread", "dbm_gnu": "dbm.gnu", "dbm_ndbm": "dbm.ndbm",
    "tkinter_messagebox": "tkinter.messagebox", "tkinter_filedialog": "tkinter.filedialog",
    "xmlrpc_client": "xmlrpc.client", "xmlrpc_server": "xmlrpc.server", "cStringIO": "io", "StringIO": "io",
    "UserDict": "collections", "UserList": "collections", "UserString": "collections", "getcwd": "os",
    "shlex_quote": "shlex", "reduce": "functools", "reload_module": "importlib", "zip_longest": "itertools",
    "filterfalse": "itertools", "urllib": "urllib.parse urllib.request urllib.response urllib.error urllib.robotparser",
    "urllib_parse": "urllib.parse", "urllib_error": "urllib.error", "urllib_robotparser": "urllib.robotparser",
    "urllib_request": "urllib.request",
}
SAME = set("configparser queue reprlib socketserver winreg _thread builtins tkinter shlex pipes".split())

# Since 3.1, Cython packs the strings of a module, and names of modules are no longer text in the machine code. These are what
# such modules are most likely to import without any Python code that does.
OF_CYTHON = """cmath math array struct decimal fractions numbers random statistics datetime calendar time zoneinfo json re
collections functools itertools operator warnings enum dataclasses bisect heapq hashlib copy pickle threading queue inspect
types typing contextlib string textwrap tempfile traceback weakref platform io abc sys os zlib bz2""".split()

# Frozen into the interpreter, which never looks for their files.
FROZEN = {"importlib._bootstrap", "importlib._bootstrap_external", "zipimport"}

# Statements that run only at a prompt, or never where the module before them is there.
NEVER = {
    "_sitebuiltins": "pydoc",
    "site": "_pyrepl readline rlcompleter usercustomize",
    "io": "_pyio",
    "decimal": "_pydecimal",
    "datetime": "_pydatetime",
    # Only where `_sha2` (`_sha512` in 3.11) is missing, and it is in every interpreter. With it comes OpenSSL.
    "random": "hashlib",
    # Only if something asks for a URI, and then it is in `BY_NAME`. With it come `ssl` and OpenSSL.
    "pathlib": "urllib.request urllib.error",
}
# What of the standard library runs when a module of it is a program.
PROGRAMS = {"main", "_main", "_test", "test"}


