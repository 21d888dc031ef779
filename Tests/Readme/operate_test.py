#!/usr/bin/env python3
"""Runs the commands of docs/operate.md.

usage: operate_test.py path/to/quire

They run in one shell, in the document's order, beside two servers with folders of their own. Those that install the package are run
by `scripts/prove-install.py`. A command that fails ends the test with exit code 1, as does a block of which nothing is known.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import served

CATALOG = os.path.join(ROOT, "Fixtures", "catalog")
SHOWN = ("running for", '{"id":', "upstream ")
"""How blocks begin that show something and are no commands."""
PRELUDE = 'import base64, hashlib, hmac, json, time\nsearch_key = open("search.key").read().strip()\n'


class Operator:
    """Someone who follows the document, in a folder of their own."""

    def __init__(self, quire, folder):
        self.quire, self.folder = quire, folder
        files = [os.path.join(CATALOG, name) for name in sorted(os.listdir(CATALOG)) if name.endswith(".jsonl")]
        description = ["--schema", f"{CATALOG}/schema.json", "--profile", f"{CATALOG}/profile.json"]
        self.run([quire, "index", "--catalog", "books", *description, *files])
        for name in ("schema.json", "profile.json"):
            os.symlink(os.path.join(CATALOG, name), os.path.join(folder, name))
        os.symlink(quire, os.path.join(folder, "quire"))
        self.servers = []

    def start(self):
        """Starts the servers of two machines, and makes their keys."""
        os.makedirs(os.path.join(self.folder, "second"))
        for data in ("quire-data", "second"):
            self.servers.append(served.Server(self.quire, os.path.join(self.folder, data)))
        self.first, self.second = self.servers
        own = self.run([self.quire, "keys", "add", "admin", "--data", "second"])
        self.keys = {"key": self.run([self.quire, "keys", "add", "admin"]), "own": own}
        with open(os.path.join(self.folder, "search.key"), "w") as file:
            file.write(self.run([self.quire, "keys", "add", "storefront", "--role", "search"]))

    def run(self, command, text=None):
        """What a command prints."""
        environment = {**os.environ, **getattr(self, "keys", {}), "PATH": f"{self.folder}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=self.folder, input=text, capture_output=True, text=True, env=environment, timeout=120)
        if done.returncode:
            sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def shell(self, block):
        """Runs a block of commands; each of them must succeed."""
        first, second = (f"http://127.0.0.1:{server.port}" for server in (self.first, self.second))
        replaced = [
            ("https://shop.example/export", f'-H "Authorization: Bearer $key" {first}/v1/books/export'),
            ("http://10.0.0.1:8080", first), ("http://127.0.0.1:8080", second), ("/backups/", f"{self.folder}/backups/"),
            ("quire restore", "quire restore --data third"), ("quire create", "quire create --data second")]
        for old, new in replaced:
            block = block.replace(old, new)
        return self.run(["bash", "-c", 'set -eo pipefail\ncurl() { command curl --fail-with-body -sS "$@"; }\n' + block])

    def check_key(self, key):
        """Whether a scoped key permits what it should, and no more."""
        connection = self.first.connect()
        headers = {"Authorization": f"Bearer {key}"}
        status, body = served.get(connection, "/v1/books/search?facets=language", headers=headers)
        assert status == 200, body
        status, body = served.get(connection, "/v1/books/export", headers=headers)
        assert status in (401, 403), body

    def serve(self, block):
        """Starts the server of a block that shows its configuration first, and asks it."""
        lines = block.splitlines()
        configuration = json.loads(lines[1].replace("/var/lib/quire", f"{self.folder}/configured"))
        os.makedirs(configuration["data"])
        with open(os.path.join(self.folder, "quire.json"), "w") as file:
            json.dump(configuration, file)
        command = lines[2].removeprefix("$ quire ").replace("8081", "0").split()
        assert lines[0] == "$ cat quire.json" and command[:3] == ["serve", "--config", "quire.json"], block
        with subprocess.Popen([self.quire, *command], cwd=self.folder, stderr=subprocess.PIPE, text=True) as process:
            try:
                late = threading.Timer(60, process.kill)
                late.start()
                line = process.stderr.readline()
                late.cancel()
                found = re.search(r"http://[^:]+:(\d+)/", line)
                assert found, line + process.stderr.read()
                self.run(["curl", "-sSf", f"http://127.0.0.1:{found[1]}/readyz"])
            finally:
                process.terminate()
        assert process.returncode == 0, process.returncode

    def follow(self, language, block):
        """Does what a block says; returns the number of its commands."""
        if block.startswith("apt-get") or block.startswith(SHOWN):
            return 0
        if language == "python":
            self.check_key(self.run([sys.executable, "-c", PRELUDE + block]))
        elif block.startswith("$ cat quire.json"):
            self.serve(block)
        elif block.startswith("quire keys scope"):
            self.check_key(self.shell(block.replace("language:=zh", "language:=zh-Hans")))
        elif block.startswith(("quire ", "curl ")):
            self.shell(block)
        else:
            sys.exit(f"docs/operate.md: this block is neither commands nor something shown:\n{block}")
        return len(re.findall(r"^(?:\$ )?(?:quire|curl|object) ", block, re.MULTILINE))


def wait_for(server, documents):
    """Waits until the catalog shows a number of documents: changes are seen a moment after they are acknowledged."""
    end = time.monotonic() + 60
    while True:
        _, body = served.get(server.connect(), "/v1/books")
        if json.loads(body)["documents"] == documents:
            return
        assert time.monotonic() < end, body
        time.sleep(.05)


def main():
    with open(os.path.join(ROOT, "docs", "operate.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(re.findall("^```", text, re.MULTILINE)) / 2, "docs/operate.md: a block does not begin or end at its line"
    with tempfile.TemporaryDirectory() as folder:
        operator = Operator(os.path.abspath(sys.argv[1]), folder)
        try:
            operator.start()
            count = sum(operator.follow(language, block) for language, block in blocks)
            with open(os.path.join(folder, "books.jsonl")) as exported:
                documents = sum(1 for _ in exported)
            for server in operator.servers:
                wait_for(server, documents)
        finally:
            ended = [server.end() for server in operator.servers]
        assert ended == [0, 0], ended
    print(f"{count} commands of docs/operate.md ran")


main()
