"""A Hark of three small processes, for tests of `hark dev`: the same commands, settings and paths, nothing behind them.

`build(folder)` makes a folder from which `python -m hub` and `-m jobs` run these; hub.dev in it is the real one.
"""

from pathlib import Path

import hub.dev

SERVER = """
import http.server, json, os, signal, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        settings = {name: value for name, value in os.environ.items() if name.startswith("HARK_")}
        self.send_response(200 if self.path in ("/ready", "/health", "/settings") else 404)
        self.end_headers()
        self.wfile.write(json.dumps(settings).encode())

    def log_message(self, *args):
        pass

def serve(name, port):
    def stop(*_):
        print(name, "was asked to stop", flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Answer)
    print(name, "listens", flush=True)
    server.serve_forever()
"""

HUB = """
import os, socket, sys
from standin_server import serve

if sys.argv[1:] == ["migrate"]:
    print("migrated", os.environ["HARK_DATABASE_URL"].rpartition("/")[2])
elif sys.argv[1:3] == ["keys", "create"]:
    print("a key is made")
    print("hark_" + sys.argv[3] + os.urandom(4).hex() + "".join(sys.argv[4:]))
elif sys.argv[1:] == ["serve"]:
    if os.environ.get("HARK_STANDIN") == "breaks":
        sys.exit("the hub has no wish to run")
    serve("hub", os.environ["HARK_PORT"])
elif sys.argv[1:3] == ["simulate", "--quiet"]:
    given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
    apns = socket.create_server(("127.0.0.1", int(given["--apns-port"])))
    serve("simulator", given["--port"])
"""

WORKER = 'import os; from standin_server import serve; serve("worker", os.environ["HARK_WORKER_PORT"])'


def build(folder: Path) -> None:
    files = {
        "standin_server.py": SERVER,
        "hub/__main__.py": HUB,
        "jobs/__main__.py": WORKER,
    }
    for package in ("hub", "jobs"):
        files[f"{package}/__init__.py"] = ""  # without it the real package would come first
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "hub/dev").symlink_to(Path(hub.dev.__file__).parent)
