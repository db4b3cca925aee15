//! Which distribution has a module, as far as one can guess from its name: most are called like their module, and those that
//! are not are well known.

/// Modules whose distribution has another name, in the order of the alphabet.
const OTHERS: &[(&str, &str)] = &[
    ("Crypto", "pycryptodome"),
    ("Cryptodome", "pycryptodomex"),
    ("Levenshtein", "levenshtein"),
    ("MySQLdb", "mysqlclient"),
    ("OpenGL", "PyOpenGL"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("Xlib", "python-xlib"),
    ("_cffi_backend", "cffi"),
    ("_yaml", "PyYAML"),
    ("apt_pkg", "python-apt"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("can", "python-can"),
    ("corsheaders", "django-cors-headers"),
    ("cv2", "opencv-python-headless"),
    ("dateutil", "python-dateutil"),
    ("decouple", "python-decouple"),
    ("discord", "discord.py"),
    ("distutils", "setuptools"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("exifread", "ExifRead"),
    ("fitz", "PyMuPDF"),
    ("flask_cors", "Flask-Cors"),
    ("flask_sqlalchemy", "Flask-SQLAlchemy"),
    ("gi", "PyGObject"),
    ("git", "GitPython"),
    ("github", "PyGithub"),
    ("grpc", "grpcio"),
    ("haystack", "django-haystack"),
    ("igraph", "python-igraph"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("kafka", "kafka-python"),
    ("ldap", "python-ldap"),
    ("lib2to3", "fissix"),
    ("magic", "python-magic"),
    ("markdown", "Markdown"),
    ("memcache", "python-memcached"),
    ("mpl_toolkits", "matplotlib"),
    ("multipart", "python-multipart"),
    ("nacl", "PyNaCl"),
    ("pkg_resources", "setuptools<81"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("pylab", "matplotlib"),
    ("pythoncom", "pywin32"),
    ("pywintypes", "pywin32"),
    ("rest_framework", "djangorestframework"),
    ("ruamel", "ruamel.yaml"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("socks", "PySocks"),
    ("telegram", "python-telegram-bot"),
    ("usb", "pyusb"),
    ("vlc", "python-vlc"),
    ("websocket", "websocket-client"),
    ("win32api", "pywin32"),
    ("win32com", "pywin32"),
    ("win32con", "pywin32"),
    ("win32gui", "pywin32"),
    ("winxpgui", "pywin32"),
    ("wx", "wxPython"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
];

/// What CPython has on one system alone.
const ONLY_ON_LINUX: &[&str] =
    &["curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"];
const ONLY_ON_WINDOWS: &[&str] = &["_winapi", "msvcrt", "nt", "winreg", "winsound"];

/// What left the standard library with Python 3.13 (<https://peps.python.org/pep-0594/>), and is on PyPI as `standard-…`.
const LEFT: &[&str] = &[
    "aifc",
    "asynchat",
    "asyncore",
    "cgi",
    "cgitb",
    "chunk",
    "imghdr",
    "mailcap",
    "nntplib",
    "pipes",
    "smtpd",
    "sndhdr",
    "sunau",
    "telnetlib",
    "uu",
    "xdrlib",
];

/// The distribution that most likely has the module.
pub(super) fn probable(module: &str) -> String {
    let first = module.split('.').next().unwrap_or(module);
    match OTHERS.iter().find(|(name, _)| *name == first) {
        Some((_, distribution)) => (*distribution).to_owned(),
        None if LEFT.contains(&first) => format!("standard-{first}"),
        None if module.starts_with("google.cloud.") || module.starts_with("azure.") => module.replace('.', "-"),
        None => first.replace('_', "-"),
    }
}

/// How the app gets a module that is not in the bundle, as the end of a sentence.
pub(super) fn how_to_get(module: &str) -> String {
    let first = module.split('.').next().unwrap_or(module);
    if ONLY_ON_LINUX.contains(&first) {
        return "CPython has it only on Linux".to_owned();
    }
    if ONLY_ON_WINDOWS.contains(&first) {
        return "CPython has it only on Windows".to_owned();
    }
    format!("add `{}` to the project's dependencies", probable(module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_guessed_by_its_module() {
        for (module, expected) in [
            ("yaml", "PyYAML"),
            ("yaml.nodes", "PyYAML"),
            ("cv2", "opencv-python-headless"),
            ("telnetlib", "standard-telnetlib"),
            ("google.cloud.storage", "google-cloud-storage"),
            ("rich.table", "rich"),
            ("charset_normalizer", "charset-normalizer"),
        ] {
            assert_eq!(probable(module), expected);
        }
        assert!(OTHERS.is_sorted_by_key(|(module, _)| *module));
        assert_eq!(how_to_get("winreg"), "CPython has it only on Windows");
    }
}
