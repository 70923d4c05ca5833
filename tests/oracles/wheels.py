"""Packages of Python that are made here: without contents, and the same bytes whenever they are made."""

import base64
import hashlib
import http.server
import os
import pathlib
import tempfile
import threading
import zipfile

from oracle import IN, OUT, run


def wheel(folder, name, version, requires=(), extras=()):
    """A package, as a wheel in a folder."""
    plain = name.replace("-", "_").replace(".", "_").lower()
    info = f"{plain}-{version}.dist-info"
    meta = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    meta += "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    meta += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    files = {
        f"{plain}.py": "",
        f"{info}/METADATA": meta,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: oracle\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(pathlib.Path(folder) / f"{plain}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)


def family(*plain):
    """A folder of packages in three versions: alpha needs beta, and with an extra gamma; delta needs gamma; `plain` need nothing."""
    folder = tempfile.mkdtemp()
    for number in ["1.0", "1.1", "2.0"]:
        wheel(folder, "alpha", number, ["beta>=1", "gamma ; extra == 'fast'"], ["fast"])
        wheel(folder, "delta", number, ["gamma>=1"])
        for name in plain:
            wheel(folder, name, number)
    return folder


def digest(folder, name, version):
    return hashlib.sha256((pathlib.Path(folder) / f"{name}-{version}-py3-none-any.whl").read_bytes()).hexdigest()


def pip_takes(folder, lock):
    """Whether pip installs what a lock lists, and nothing else."""
    code, said = run(["pip", "install", "--dry-run", "--no-deps", "-r", lock], folder)
    if code and os.environ.get("SHOW"):
        print("   ", said.strip().splitlines()[-1][:200])
    return IN if code == 0 else OUT


def serve(folder):
    """An index of the wheels of a folder, with their hashes; its address."""
    files = {path.name: path.read_bytes() for path in pathlib.Path(folder).glob("*.whl")}

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            parts = self.path.split("?")[0].strip("/").split("/")
            if parts[0] == "files" and parts[-1] in files:
                return self.say("application/octet-stream", files[parts[-1]])
            links = ""
            for name, content in sorted(files.items()):
                if parts[0] == "simple" and parts[-1].replace("-", "_") == name.split("-")[0]:
                    digest = hashlib.sha256(content).hexdigest()
                    links += f'<a href="/files/{name}#sha256={digest}">{name}</a>\n'
            if not links:
                return self.send_error(404)
            return self.say("text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

        do_HEAD = do_GET

        def say(self, kind, content):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
