#!/usr/bin/env python3
"""Fills the disk of a server that takes changes, and makes room again.

    scripts/prove-full-disk.py --quire PATH [--folder FOLDER]

FOLDER must be on a small file system of its own, with some dozens of megabytes free; without it one is mounted in memory, which needs root.
Changes are sent until they are refused for want of room: with 507, while searches go on. Then room is made, and changes must
be taken again by the same process. In the end everything that was acknowledged must be there, and the catalog be clean. Several
times, with more or less room. Ends with 1 when something is not as it should be.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

from served import Server, get

SCHEMA = {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
                                  {"name": "price", "type": "integer"}]}
PATIENCE = 60


@contextlib.contextmanager
def small_disk(folder):
    if folder:
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "quire-proof", place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def ballast(path, free):
    """Leaves so many bytes of the disk free."""
    disk = os.statvfs(os.path.dirname(path))
    with open(path, "wb") as out:
        left = disk.f_bavail * disk.f_frsize - free
        while left > 0:
            left -= out.write(bytes(min(left, 1 << 20)))


def expect(condition, problem):
    if not condition:
        sys.exit(problem)


class Client:
    def __init__(self, key):
        self.connection = None
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        self.random = random.Random(1)
        self.known, self.maybe, self.version = {}, {}, 0

    def change(self):
        """Sends a batch; answers what kept it from being written."""
        lines = []
        for _ in range(50):
            self.version += 1
            # Some change again and again, others stay: the disk gets fuller.
            key = f"g{self.random.randrange(200) if self.random.random() < .3 else self.version + 1000}"
            title = " ".join(f"word{self.random.randrange(3000)}" for _ in range(300))
            lines.append({"id": key, "title": title, "price": self.version, "_version": self.version})
        status, body = get(self.connection, "/v1/goods/documents", "POST", "\n".join(map(json.dumps, lines)), self.headers)
        results = [json.loads(line) for line in body.splitlines()]
        expect(status in (200, 507, 503), f"a change was answered with {status}: {body[:300]}")
        failed = status != 200 or any(result["result"] == "failed" for result in results)
        for line in lines:
            (self.maybe.setdefault(line["id"], set()).add if failed else self.note)(line["price"] if failed else line)
        return (status, results[0]) if failed else None

    def note(self, line):
        self.known[line["id"]] = line["price"]
        self.maybe.pop(line["id"], None)

    def search(self):
        status, body = get(self.connection, "/v1/goods/search?q=word1")
        expect(status == 200, f"a search was answered with {status}: {body[:300]}")

    def compare(self):
        status, body = get(self.connection, "/v1/goods/documents?refresh=true", "POST", '{"_delete": "nothing"}', self.headers)
        expect(status == 200, f"a change is answered with {status}: {body[:300]}")
        for key in set(self.known) | set(self.maybe):
            status, body = get(self.connection, f"/v1/goods/documents/{key}")
            found = json.loads(body)["document"]["price"] if status == 200 else None
            allowed = {self.known.get(key)} | self.maybe.get(key, set())
            expect(found in allowed, f"{key} has price {found}, not one of {allowed}")


def fill_and_empty(server, client, path):
    """Fills the disk, makes room again, several times; answers the statuses of what was refused."""
    refused = []
    for free in (6 << 20, 3 << 20, 1 << 20, 300 << 10, 100 << 10, 0):
        for _ in range(5):
            expect(client.change() is None, "a change was refused although there is room")
        ballast(path, free)
        begin, failure = time.monotonic(), None
        while failure is None:
            failure = client.change()
            client.search()
            expect(time.monotonic() < begin + PATIENCE, "the disk does not get full")
        refused.append(failure)
        for _ in range(20):
            client.search()
        os.remove(path)
        begin = time.monotonic()
        while client.change() is not None:
            client.search()
            expect(time.monotonic() < begin + PATIENCE, "changes are not taken again although there is room")
        client.compare()
    return refused


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/debug/quire")
    parser.add_argument("--folder")
    options = parser.parse_args()
    with small_disk(options.folder) as disk, tempfile.TemporaryDirectory() as folder:
        data, schema = os.path.join(disk, "data"), os.path.join(folder, "schema.json")
        with open(schema, "w") as out:
            json.dump(SCHEMA, out)
        run = lambda *arguments: subprocess.run([options.quire, *arguments, "--data", data], check=True, capture_output=True, text=True)
        run("create", "--schema", schema, "--catalog", "goods")
        client = Client(run("keys", "add", "proof").stdout.strip())
        server = Server(options.quire, data, "--commit-after", "0.5")
        try:
            client.connection = server.connect()
            refused = fill_and_empty(server, client, os.path.join(disk, "ballast"))
            expect(server.end() == 0, "the server did not end well")
        finally:
            server.kill()
        statuses = [status for status, _ in refused]
        expect(507 in statuses, f"no change was refused with 507, but with {refused}")
        run("check", "--catalog", "goods")
        print(f"{len(refused)} times a full disk, refused with {statuses}, taken again without a restart; "
              f"{len(client.known)} goods as acknowledged; check clean")


if __name__ == "__main__":
    main()
