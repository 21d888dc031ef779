#!/usr/bin/env python3
"""Installs the Debian package into a scratch root as an operator would: serves behind nginx with TLS and keys, upgrades, removes.

    scripts/prove-install.py --deb quire_0.1.0_amd64.deb [--mirror URL]

Needs root, debootstrap, dpkg-deb, nginx, openssl and curl. The server is started with the command of the unit, as the user of the
package, inside the root; there is no systemd to do it. Ends with 1 when something is not as it should be.
"""

import argparse
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import tempfile
import time

from served import Demands

NAME = "search.example"


def run(*command, check=True, **options):
    return subprocess.run(command, check=check, capture_output=True, text=True, **options)


class Root:
    """A scratch root, and the package in it."""

    def __init__(self, path):
        self.path, self.server = path, None

    def __call__(self, *command, user=None, check=True, **options):
        return run("chroot", *([f"--userspec={user}:{user}"] if user else []), self.path, *command, check=check, **options)

    def file(self, path):
        return os.path.join(self.path, path.lstrip("/"))

    def __enter__(self):
        # Programs of Swift read their arguments there.
        run("mount", "-t", "proc", "proc", self.file("/proc"))
        return self

    def __exit__(self, *_):
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        run("umount", self.file("/proc"))

    def install(self, deb):
        run("cp", deb, self.file("/tmp/quire.deb"))
        return self("dpkg", "-i", "/tmp/quire.deb").stdout

    def start(self, port, *more):
        """Starts the server with the command of the unit."""
        with open(self.file("/lib/systemd/system/quire.service")) as unit:
            command = re.search(r"^ExecStart=(.*)$", unit.read(), re.M)[1]
        words = [word for word in shlex.split(command) if word != "$QUIRE_OPTIONS"]
        self.server = subprocess.Popen(
            ["chroot", "--userspec=quire:quire", self.path, *words, "--port", str(port), *more], stderr=subprocess.PIPE, text=True)
        line = self.server.stderr.readline()
        while "serving" not in line and line:
            line = self.server.stderr.readline()
        return bool(line)

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait()


def front(folder, port, server):
    """Starts nginx with the example of the package: only its ports, certificate and name are others."""
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}", "-keyout", f"{folder}/key.pem",
        "-out", f"{folder}/cert.pem", "-addext", f"subjectAltName=DNS:{NAME}")
    with open(os.path.join(os.path.dirname(__file__), "../packaging/nginx.conf")) as text:
        site = text.read()
    site = site.replace("127.0.0.1:8080", f"127.0.0.1:{server}").replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    site = re.sub(r"/etc/ssl/certs/\S+;", f"{folder}/cert.pem;", site)
    site = re.sub(r"/etc/ssl/private/\S+;", f"{folder}/key.pem;", site)
    paths = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(f"{folder}/nginx.conf", "w") as out:
        out.write(f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\nhttp {{ access_log off; {paths}\n{site}\n}}\n")
    return subprocess.Popen(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)


def prove(root, deb, control, folder, demand):
    root.install(deb)
    version = root("quire", "--version").stdout.strip()
    demand("installed", version, version in control)
    mode = os.stat(root.file("/var/lib/quire"))
    demand("folder of the data", oct(stat.S_IMODE(mode.st_mode)), stat.S_IMODE(mode.st_mode) == 0o700 and mode.st_uid != 0)
    missing = [path for path in ("/usr/share/man/man1/quire-serve.1.gz", "/usr/share/bash-completion/completions/quire",
                                 "/usr/share/doc/quire/operate.md", "/etc/logrotate.d/quire") if not os.path.exists(root.file(path))]
    demand("manual, completions, documents", missing or "there", not missing)
    checked = root("logrotate", "-d", "/etc/logrotate.d/quire", check=False)
    demand("logrotate takes its rules", checked.returncode, checked.returncode == 0)
    key = {role: root("quire", "keys", "add", role, "--role", role, "--data", "/var/lib/quire", user="quire").stdout.strip()
           for role in ("search", "admin")}
    server, port = 18080, 18443
    root.start(server, "--require-keys", "--allowed-host", NAME)
    nginx = front(folder, port, server)
    try:
        def ask(path, role=None, *more):
            """The status of a request over TLS, and its body."""
            headers = ["-H", f"Authorization: Bearer {key[role]}"] if role else []
            reply = run("curl", "-s", "--max-time", "20", "--cacert", f"{folder}/cert.pem", "--resolve", f"{NAME}:{port}:127.0.0.1",
                        "-w", "\n%{http_code}", *headers, *more, f"https://{NAME}:{port}{path}", check=False).stdout
            return int(reply.rsplit("\n", 1)[1] or 0), reply.rsplit("\n", 1)[0]
        for _ in range(100):
            if ask("/healthz")[0] == 200:
                break
            time.sleep(.1)
        lines = "\n".join(json.dumps({"id": str(number), "title": f"book {number}"}) for number in range(50))
        made = ask("/v1/books", "admin", "-X", "PUT", "-H", "Content-Type: application/x-ndjson", "--data-binary", lines)
        demand("a catalog over TLS", made[0], made[0] == 201)
        sent = ask("/v1/books/documents?refresh=true", "admin", "-H", "Content-Type: application/x-ndjson", "--data-binary", lines)
        demand("documents", sent[0], sent[0] == 200)
        statuses = [ask("/v1/books/search?q=book")[0], ask("/v1/books/search?q=book", "search")[0], ask("/metrics", "admin")[0],
                    ask("/v1/books/documents", "search", "-X", "POST", "-H", "Content-Type: application/json", "-d", "{}")[0]]
        demand("without a key; with one; metrics; a change with a key for searches", statuses, statuses == [401, 200, 404, 403])
        found = json.loads(ask("/v1/books/search?q=book", "search")[1])["found"]
        with open(root.file("/etc/default/quire"), "a") as configuration:
            configuration.write("# mine\n")
        demand("ends when asked", root.stop(), root.server.returncode == 0)
        # The next version.
        run("dpkg-deb", "-R", deb, f"{folder}/next")
        with open(f"{folder}/next/DEBIAN/control", "w") as out:
            out.write(control.replace(f"Version: {version}", f"Version: {version}+1"))
        run("dpkg-deb", "--root-owner-group", "-b", f"{folder}/next", f"{folder}/next.deb")
        root.install(f"{folder}/next.deb")
        root.start(server, "--require-keys", "--allowed-host", NAME)
        again = json.loads(ask("/v1/books/search?q=book", "search")[1])["found"]
        with open(root.file("/etc/default/quire")) as configuration:
            kept = "# mine" in configuration.read()
        demand("after the upgrade: documents, configuration", f"{again} of {found}, {'kept' if kept else 'lost'}", again == found == 50 and kept)
        root.stop()
    finally:
        nginx.terminate()
        nginx.wait()
    root("dpkg", "-r", "quire")
    demand("removed: program gone, data kept", os.listdir(root.file("/var/lib/quire"))[:1],
           not os.path.exists(root.file("/usr/bin/quire")) and os.path.exists(root.file("/var/lib/quire/books")))
    root("dpkg", "-P", "quire")
    demand("purged: data and user gone", "", not os.path.exists(root.file("/var/lib/quire"))
           and root("getent", "passwd", "quire", check=False).returncode != 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--deb", required=True)
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    parser.add_argument("--suite", default="bookworm")
    options = parser.parse_args()
    demand = Demands(os.path.basename(options.deb))
    control = run("dpkg-deb", "-f", options.deb).stdout
    depends = re.search(r"^Depends: (.*)$", control, re.M)[1]
    packages = [part.split("|")[-1].strip() for part in depends.split(",")]
    demand.show("size; depends on", f"{os.path.getsize(options.deb) / 1e6:.1f} MB; {depends}")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = Root(os.path.join(folder, "root"))
        run("debootstrap", "--variant=minbase", f"--include={','.join(packages)},logrotate", options.suite, root.path, options.mirror)
        with root:
            prove(root, options.deb, control, folder, demand)
    demand.end()


if __name__ == "__main__":
    main()
