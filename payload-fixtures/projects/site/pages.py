"""A page, and the process that serves it."""

import os
import sys

# Wine 8 ends a program that asks it by WMI what machine this is.
sys.modules["_wmi"] = None

from flask import Flask
from waitress import serve

app = Flask(__name__)


@app.get("/")
def page():
    return f"process {os.getpid()} of {os.environ.get('EKIBEN_SERVICE')}"


@app.get("/crash")
def crash():
    os._exit(3)


def main():
    serve(app, host="127.0.0.1", port=int(sys.argv[1]))
