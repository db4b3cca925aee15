"""A service of many kinds; its first argument says which."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATA = Path(os.environ.get("EKIBEN_DATA_DIR", "."))


class Answers(BaseHTTPRequestHandler):
    """Says which version answers, as which process and account."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{os.environ['EKIBEN_VERSION']} {os.getpid()} {os.getuid()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(port="8080"):
    """Answers on the socket that systemd hands over, or on a port of its own. Asked to stop, it answers what it has accepted."""
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Answers, bind_and_activate=False)
    server.daemon_threads = False
    if os.environ.get("LISTEN_FDS"):
        server.socket.close()
        server.socket = socket.socket(fileno=3)
    else:
        server.server_bind()
        server.server_activate()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("serving", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    (DATA / "stopped").write_text("cleanly")


def work():
    """Does a little, again and again, until it is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            (DATA / "tick").write_text(str(time.time()))
            time.sleep(0.05)
    except KeyboardInterrupt:
        (DATA / "stopped").write_text("cleanly")


def pool():
    """Two workers, and a child of each."""
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        workers.map(start_child, range(2), chunksize=1)
        (DATA / "ready").write_text("")
        signal.pause()


def start_child(_):
    # Long enough for the other worker to take the other one.
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    time.sleep(0.1)


def ignore():
    """Ignores every request to stop, and so does its child."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    subprocess.Popen(["/bin/sleep", "1000"])
    (DATA / "ready").write_text("")
    while True:
        time.sleep(1000)


def end():
    """Ends at once."""


def get_ready():
    """Says that it is ready when it is."""
    time.sleep(0.5)
    (DATA / "ready").write_text("")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    signal.pause()


def tell(*arguments):
    """Says as what it was started."""
    print(os.getcwd(), os.environ["EKIBEN_SERVICE"], os.environ.get("COLOUR"), os.getuid(), *arguments, flush=True)


def try_to_change_it():
    """Writes where it may and where it may not, says what came of it, and ends with 3."""
    program = Path(os.environ["EKIBEN_BUNDLE"]).parent
    places = [program / "new", Path(os.environ["EKIBEN_VERSION_DIR"], "new"), Path("/etc/new"), Path("/var/tmp/new")]
    outcome = []
    for path in [*places, DATA / "new", program / "logs" / "new", Path("/opt/files/new")]:
        try:
            path.write_text("")
            outcome.append(f"{path} written")
        except OSError as error:
            outcome.append(f"{path} {error.strerror}")
    (DATA / "outcome").write_text("\n".join(outcome) + "\n")
    sys.exit(3)


def main():
    globals()[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
