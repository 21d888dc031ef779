#!/usr/bin/env python3
"""Three times what a server can do, for a while: what it accepts comes in time, what it refuses is refused at once.

    scripts/prove-overload.py --quire PATH [--seconds 120] [--documents 200000] [--times 3] [--deadline .5]

Makes a catalog of random texts, raises the load until fewer searches are answered than asked, and then sends a multiple of what was
answered, at fixed times whatever the replies take (Benchmarks/Load); every query is new. Meanwhile /healthz is asked 50 times a
second. The server and the generators have processors of their own. Prints a table; ends with 1 when something is not as it should
be, with 3 when a generator was late, so that the run says nothing.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
import urllib.parse

from generator import Generator, processors
from served import DataFolder, Demands, Server, get

FIELDS = {"title": "text", "body": "text", "kind": "keyword", "maker": "keyword", "year": "integer"}
CONNECTIONS = 4000


class Words:
    """Words as frequent as those of a language, and queries of them."""

    def __init__(self, seed, count=20_000):
        self.random = random.Random(seed)
        letters = random.Random(1)
        self.words = ["".join(letters.choices("abcdefghiklmnoprstuvw", k=letters.randint(3, 9))) for _ in range(count)]
        self.weights, total = [], 0.0
        for rank in range(count):
            total += 1 / (rank + 8)
            self.weights.append(total)

    def some(self, count):
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))

    def target(self):
        query = urllib.parse.quote(self.some(self.random.choice([2, 3, 3, 4])))
        return f"/v1/texts/search?q={query}&facets=kind,maker"

    def write(self, path, count):
        with open(path, "w") as out:
            out.writelines(self.target() + "\n" for _ in range(count))
        return path


def documents(count):
    words = Words(5)
    for number in range(count):
        yield {"id": str(number), "title": words.some(5), "body": words.some(30), "kind": f"k{number % 40}",
               "maker": f"m{number * 7919 % 3000}", "year": 1950 + number % 75}


def accepted(report):
    return report["outcomes"].get("200", {"count": 0, "p50": float("inf"), "p99": float("inf"), "max": float("inf")})


def capacity(generator, server, words, folder):
    """The searches a second that are answered when more are asked than can be."""
    rate = 100
    while True:
        rate *= 2
        requests = words.write(os.path.join(folder, "rising"), int(rate * 5))
        report = generator.run(server.port, requests, rate, 4, connections=CONNECTIONS)
        answered = accepted(report)["count"] / report["seconds"]
        if answered < .8 * rate or rate > 50_000:
            return answered


class Memory(threading.Thread):
    """Looks at the memory of a server once a second."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.over, self.values = server, threading.Event(), []

    def run(self):
        while not self.over.wait(1):
            self.values.append(self.server.anonymous())


def time_to_normal(server, words, usual, patience=60):
    """Seconds until ten searches in a row take no longer than twice the usual ones."""
    begin, row = time.monotonic(), 0
    connection = server.connect()
    while row < 10 and time.monotonic() - begin < patience:
        started = time.monotonic()
        status, _ = get(connection, words.target())
        row = row + 1 if status == 200 and time.monotonic() - started <= 2 * usual else 0
    return time.monotonic() - begin


def measure(server, options, folder):
    generator, words = Generator(), Words(13)
    able = capacity(generator, server, words, folder)
    quiet = generator.run(server.port, words.write(os.path.join(folder, "quiet"), 2000), 50, 5)
    usual = accepted(quiet)["p99"] / 1000
    rate = options.times * able
    requests = words.write(os.path.join(folder, "load"), int(rate * (options.seconds + 2)))
    health = os.path.join(folder, "health")
    with open(health, "w") as out:
        out.write("/healthz\n")
    before, memory = server.anonymous(), Memory(server)
    memory.start()
    asking = generator.start(server.port, health, 50, options.seconds, arrivals="constant", timeout=120)
    report = generator.run(server.port, requests, rate, options.seconds, connections=CONNECTIONS, timeout=60)
    normal = time_to_normal(server, words, usual)
    memory.over.set()
    asked = generator.finish(asking)
    return able, before, memory.values, report, asked, normal


def judge(server, options, able, before, memory, report, asked, normal):
    demand = Demands(f"{options.times:g} × {able:.0f}/s for {options.seconds:g} s, deadline {options.deadline * 1000:.0f} ms")
    demand.show("sent, connections", f"{report['requests']:,}, {report['connections']:,}")
    demand("generators late at p99 (ms)", f"{report['lateness']['p99']:.2f}, {asked['lateness']['p99']:.2f}",
           not report["void"] and not asked["void"])
    outcomes = {name: times["count"] for name, times in report["outcomes"].items()}
    demand("outcomes", json.dumps(outcomes), set(outcomes) <= {"200", "503"})
    demand("refusals without Retry-After", report["bareRefusals"], not report["bareRefusals"])
    good, refused = accepted(report), report["outcomes"].get("503")
    demand.show("accepted a second, share of the capacity",
                f"{good['count'] / options.seconds:.0f}, {good['count'] / options.seconds / able:.2f}")
    demand("accepted: p50, p99, greatest (ms)", f"{good['p50']:.0f}, {good['p99']:.0f}, {good['max']:.0f}",
           good["p99"] <= 2 * options.deadline * 1000)
    if refused:
        demand.show("refused: p50, p99 (ms)", f"{refused['p50']:.1f}, {refused['p99']:.1f}")
    healthy = accepted(asked)
    demand("/healthz: replies, p50, p99, greatest (ms)",
           f"{healthy['count']:,}, {healthy['p50']:.1f}, {healthy['p99']:.1f}, {healthy['max']:.1f}",
           set(asked["outcomes"]) == {"200"} and healthy["p99"] <= 10 and healthy["max"] <= 250)
    third = len(memory) // 3
    early, late = max(memory[:third] or memory), max(memory[-third:] or memory)
    demand("RssAnon: before, greatest of the first and of the last third, after (MB)",
           f"{before:.0f}, {early:.0f}, {late:.0f}, {server.anonymous():.0f}", late <= early * 1.1 + 5)
    demand("last reply after the load, normal again after that (s)", f"{report['drainSeconds']:.1f}, {normal:.1f}",
           report["drainSeconds"] + normal <= 5)
    if report["void"] or asked["void"]:
        print("VOID: the generator was late; nothing else may keep its processor busy", file=sys.stderr)
        sys.exit(3)
    demand.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--times", type=float, default=3)
    parser.add_argument("--deadline", type=float, default=.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(options.quire, folder)
        data.index("texts", FIELDS, documents(options.documents), "--merge-to", "1")
        server = Server(options.quire, data.path, "--search-timeout", str(options.deadline), "--reply-cache", "0",
                        cpus=processors()[0])
        try:
            judge(server, options, *measure(server, options, folder))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
