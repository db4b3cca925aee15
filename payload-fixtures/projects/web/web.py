"""FastAPI under uvicorn, or under gunicorn: its first argument says which."""

import os
import sys

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def answer():
    return {"version": os.environ["EKIBEN_VERSION"], "process": os.getpid(), "by": sys.argv[0].rsplit("/", 1)[-1]}


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"gunicorn {os.getpid()}\n".encode()]


def main():
    server, *arguments = sys.argv[1:]
    sys.argv = [server, *arguments]
    if server == "uvicorn":
        import uvicorn

        sys.exit(uvicorn.main.main(["web:app", *arguments]))
    from gunicorn.app.wsgiapp import run

    sys.argv.append("web:wsgi")
    sys.exit(run())
