#!/usr/bin/env python3
"""Kills a server with SIGKILL under load, again and again, and looks whether anything it acknowledged is gone.

    scripts/prove-kills.py --quire PATH [--rounds 200] [--writers 4] [--seed 1]

Each writer has keys of its own and sends batches of documents, patches and deletions with versions, without waiting for others. What was
answered must be there after the next start; what was under way may be there or not. Titles carry their version, so that a mixture
of two states would be seen. Ends with 1 at the first difference.
"""

import argparse
import http.client
import json
import random
import sys
import tempfile
import threading
import time

from served import DataFolder, Server


class Writer:
    """What one client wrote: `known` are acknowledged states by key, `open` what may be of the batch under way."""

    def __init__(self, number, seed):
        self.random = random.Random(seed * 1000 + number)
        self.keys = [f"w{number}-{i}" for i in range(40)]
        self.known = {}
        self.versions = dict.fromkeys(self.keys, 0)
        self.open = {}
        self.acknowledged = 0

    def batch(self):
        lines = []
        self.open = {}
        for key in self.random.sample(self.keys, self.random.randint(1, 12)):
            self.versions[key] += 1
            version = self.versions[key]
            old = self.known.get(key)
            kind = self.random.random()
            if kind < .65 or old is None and kind < .85:
                state = {"title": f"good {key} v{version}", "price": self.random.randint(0, 999), "version": version}
                lines.append({"id": key, "title": state["title"], "price": state["price"], "_version": version})
            elif kind < .85:
                state = dict(old, price=self.random.randint(0, 999), version=version)
                lines.append({"_patch": key, "price": state["price"], "_version": version})
            else:
                state = None
                lines.append({"_delete": key, "_version": version})
            self.open[key] = state
        return "\n".join(map(json.dumps, lines))

    def begin(self, server, headers):
        self.server, self.headers = server, headers
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        try:
            connection = self.server.connect()
            while True:
                refresh = "?refresh=true" if self.random.random() < .1 else ""
                connection.request("POST", f"/v1/goods/documents{refresh}", self.batch(), self.headers)
                answer = connection.getresponse()
                results = [json.loads(line) for line in answer.read().splitlines()]
                if answer.status != 200 or any(r["result"] in ("failed", "stale") for r in results):
                    self.problem = f"{answer.status}: {results}"
                    return
                self.known.update(self.open)
                self.acknowledged += len(self.open)
                self.open = {}
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass


def differences(server, writers):
    connection = server.connect()
    live = 0
    for writer in writers:
        for key in writer.keys:
            connection.request("GET", f"/v1/goods/documents/{key}")
            answer = connection.getresponse()
            body = json.loads(answer.read())
            found = None
            if answer.status == 200:
                live += 1
                found = {"title": body["document"]["title"], "price": body["document"].get("price"), "version": body["version"]}
            allowed = [writer.known.get(key)] + ([writer.open[key]] if key in writer.open else [])
            if found not in allowed:
                yield f"{key} is {found}, not one of {allowed}"
            if key in writer.open and found == writer.open[key]:
                writer.known[key] = found
        writer.open = {}
    connection.request("GET", "/v1/goods")
    count = json.loads(connection.getresponse().read())["documents"]
    if count != live + 1:
        yield f"the catalog has {count} documents, not {live + 1}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/debug/quire")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pick = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(options.quire, folder)
        data.index("goods", {"title": "text", "price": "integer"}, [{"id": "first", "title": "the first"}])
        headers = data.headers()
        writers = [Writer(i, options.seed) for i in range(options.writers)]
        started = time.monotonic()
        for number in range(1, options.rounds + 1):
            # Commits all the time, or hardly ever: then the log is long.
            server = Server(options.quire, data.path, "--commit-after", pick.choice(["0.02", "0.2", "5"]))
            problems = list(differences(server, writers))
            if problems:
                server.kill()
                sys.exit(f"round {number}: " + "\n".join(problems[:10]))
            for writer in writers:
                writer.begin(server, headers)
            time.sleep(pick.uniform(.02, .9))
            server.kill()
            for writer in writers:
                writer.thread.join()
                if hasattr(writer, "problem"):
                    sys.exit(f"round {number}: {writer.problem}")
        server = Server(options.quire, data.path)
        problems = list(differences(server, writers))
        server.end()
        if problems:
            sys.exit("at the end: " + "\n".join(problems[:10]))
        data.run("check", "--catalog", "goods")
        changes = sum(writer.acknowledged for writer in writers)
        print(f"{options.rounds} kills under load, {changes} acknowledged changes, none lost, none invented; "
              f"check clean ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
