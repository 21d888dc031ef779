#!/usr/bin/env python3
"""Prices by the million: numbers of a catalog are patched at a steady rate, and memory, views and segments are watched.

    scripts/prove-patches.py [--quire PATH] [--documents 1100000] [--patches 5000000] [--rate 2000] [--report FILE]

Patches arrive in batches at fixed times, whatever the answers take. Beside them, single patches are followed until the
document shows them, and searches sort by what is patched. Memory, visibility and files must not grow with the number of
patches. In the end the catalog is checked and compared with what was written, also after a restart. Prints a table; ends
with 1 when something is not as it should be.
"""

import argparse
import atexit
import glob
import json
import os
import random
import tempfile
import threading
import time

from served import DataFolder, Demands, Server, get, percentile

FIELDS = {"title": {"type": "text", "analyzer": "english"}, "price": "float", "stock": "integer"}
WORDS = ["history", "garden", "river", "letters", "science", "music", "travel", "kitchen", "winter", "island"]
# Patches of one request; a batch is due every `BATCH / rate` seconds.
BATCH = 100


class Load:
    """The prices that were written, and the threads that patch, follow and search."""

    def __init__(self, server, headers, options):
        self.server, self.headers, self.options = server, headers, options
        self.prices = {}
        self.patched = 0
        self.seen, self.searched, self.acknowledged, self.problems = [], [], [], []
        self.late = 0.0
        self.over = threading.Event()

    def guarded(self, body):
        try:
            body(self.server.connect())
        except Exception as error:  # a thread must not end unnoticed
            self.problems.append(f"{body.__name__}: {error!r}")
            self.over.set()

    def patch(self, connection):
        chance = random.Random(7)
        begin, batches = time.monotonic(), self.options.patches // BATCH
        for number in range(batches):
            due = begin + number * BATCH / self.options.rate
            wait = due - time.monotonic()
            if self.over.wait(max(wait, 0)):
                return
            self.late = max(self.late, -wait)
            # The last documents are followed by another thread.
            keys = [chance.randrange(self.options.documents - 100) for _ in range(BATCH)]
            prices = [chance.randrange(100, 9999) / 100 for _ in keys]
            lines = "\n".join(f'{{"_patch":"d{key}","price":{price}}}' for key, price in zip(keys, prices))
            started = time.monotonic()
            status, body = get(connection, "/v1/shop/documents", "POST", lines, self.headers)
            self.acknowledged.append(time.monotonic() - started)
            if status != 200 or body.count(b"patched") != BATCH:
                raise RuntimeError(f"{status} {body[:200]}")
            self.prices.update(zip(keys, prices))
            self.patched += BATCH
        self.over.set()

    def follow(self, connection):
        """Time from the acknowledgement of a single patch to the first document that shows it."""
        chance, number = random.Random(5), 0
        while not self.over.wait(.2):
            number += 1
            key = self.options.documents - 1 - number % 100
            price = chance.randrange(100, 9999) / 100
            if self.prices.get(key) == price:
                continue
            status, body = get(connection, f"/v1/shop/documents/d{key}", "PATCH", json.dumps({"price": price}),
                               {**self.headers, "Content-Type": "application/json"})
            if status != 200:
                self.problems.append(f"patch: {status} {body[:200]}")
            started = time.monotonic()
            while not self.over.is_set():
                body = get(connection, f"/v1/shop/documents/d{key}")[1]
                if json.loads(body)["document"]["price"] == price:
                    self.seen.append(time.monotonic() - started)
                    self.prices[key] = price
                    break
                if time.monotonic() - started > 10:
                    self.problems.append(f"d{key} is not visible after 10 seconds")
                    break
                time.sleep(.002)
            self.prices[key] = price

    def search(self, connection):
        chance = random.Random(3)
        while not self.over.wait(.1):
            started = time.monotonic()
            status, body = get(connection, f"/v1/shop/search?q={chance.choice(WORDS)}&sort=price:desc&filter=price:20..60")
            self.searched.append(time.monotonic() - started)
            if status != 200:
                raise RuntimeError(f"{status} {body[:200]}")


def documents(count):
    chance = random.Random(1)
    for number in range(count):
        title = " ".join(chance.choices(WORDS, k=5)) + f" {number}"
        yield {"id": f"d{number}", "title": title, "price": number % 9000 / 100 + 1, "stock": number % 7}


def files(data, end):
    return glob.glob(f"{data}/shop/generations/*/*{end}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--documents", type=int, default=1_100_000)
    parser.add_argument("--patches", type=int, default=5_000_000)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--every", type=float, default=10, help="seconds between two lines of the curve")
    parser.add_argument("--report", help="a file for the curve as tab-separated values")
    options = parser.parse_args()

    def differing(server, prices):
        connection, wrong = server.connect(), []
        for key in random.Random(9).sample(list(prices), min(3_000, len(prices))):
            found = json.loads(get(connection, f"/v1/shop/documents/d{key}")[1])["document"].get("price")
            if found != prices[key]:
                wrong.append(f"d{key}: {found}, not {prices[key]}")
        return wrong

    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(options.quire, folder)
        data.index("shop", FIELDS, documents(options.documents), "--merge-to", "1")
        server = Server(options.quire, data.path)
        atexit.register(server.kill)
        load = Load(server, data.headers(), options)
        threads = [threading.Thread(target=load.guarded, args=(body,)) for body in (load.patch, load.follow, load.search)]
        for thread in threads:
            thread.start()
        print("| s | patches | RssAnon MB | visible p50, max ms | acknowledged p50, max ms | search p50, max ms | segments "
              "| .changes MB | CPU s |\n|---|---|---|---|---|---|---|---|---|", flush=True)
        begin, curve = time.monotonic(), []
        while not load.over.wait(options.every):
            taken = []
            for name in ("seen", "acknowledged", "searched"):
                times, replaced = [seconds * 1000 for seconds in getattr(load, name)], []
                setattr(load, name, replaced)
                taken.append((percentile(times, .5), max(times, default=float("nan"))))
            changes = sum(os.path.getsize(path) for path in files(data.path, ".changes") if os.path.exists(path)) / 1e6
            curve.append((time.monotonic() - begin, load.patched, server.anonymous(), *sum(taken, ()),
                          len(files(data.path, ".seg")), changes, server.processor()))
            now = curve[-1]
            print(f"| {now[0]:.0f} | {now[1]:,} | {now[2]:.0f} | {now[3]:.0f}, {now[4]:.0f} | {now[5]:.1f}, {now[6]:.0f} | "
                  f"{now[7]:.1f}, {now[8]:.0f} | {now[9]} | {now[10]:.1f} | {now[11]:.1f} |", flush=True)
            if options.report:
                with open(options.report, "a") as out:
                    print(*(f"{value:.1f}" for value in now), sep="\t", file=out)
        for thread in threads:
            thread.join()
        print()
        demand = Demands("demand")
        third = max(len(curve) // 3, 1)
        early, late = curve[third:2 * third] or curve, curve[2 * third:] or curve
        middle = lambda part, column: percentile([line[column] for line in part], .5)
        demand("problems", "; ".join(load.problems[:3]) or "none", not load.problems)
        demand("patches, and the latest batch", f"{load.patched:,}, {load.late * 1000:.0f} ms late",
               load.patched >= options.patches // BATCH * BATCH)
        demand("RssAnon, second and last third", f"{middle(early, 2):.0f}, {middle(late, 2):.0f} MB",
               middle(late, 2) <= middle(early, 2) * 1.1 + 5)
        demand("visible, second and last third", f"{middle(early, 3):.0f}, {middle(late, 3):.0f} ms",
               middle(late, 3) <= middle(early, 3) * 1.2 + 10)
        demand("greatest number of segments", max(line[9] for line in curve), max(line[9] for line in curve) <= 40)
        get(server.connect(), "/v1/shop/documents/d0?refresh=true", "PATCH", '{"stock": 1}',
            {**load.headers, "Content-Type": "application/json"})
        wrong = differing(server, load.prices)
        demand("prices compared with what was written", f"{len(wrong)} differ {wrong[:1]}", not wrong)
        demand("ends when asked", server.end(), server.process.returncode == 0)
        demand("log", "".join(server.log)[:300].replace("\n", " ") or "empty", not server.log)
        clean, text = data.check("shop")
        demand("check", text, clean)
        server = Server(options.quire, data.path)
        wrong = differing(server, load.prices)
        demand("prices after a restart", f"{len(wrong)} differ {wrong[:1]}", not wrong)
        server.end()
    demand.end()


if __name__ == "__main__":
    main()
