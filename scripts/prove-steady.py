#!/usr/bin/env python3
"""A day in an hour: a server of 1.1 million packages is changed and searched at a steady pace, and watched.

    scripts/prove-steady.py --quire PATH --packages FOLDER [--minutes 60] [--updates 200] [--searches 50] [--report FILE]

FOLDER holds pypi.tsv and npm.tsv (tab-separated, with columns name and summary). Searches come at fixed times whatever the answers take, and
their times count from then. Once a second a change is followed until a search sees it. In the end the catalog is checked,
and compared with what was written. Prints a table; ends with 1 when something is not as it should be.
"""

import argparse
import glob
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import package_lists
from served import Server, get

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.sysconf("SC_PAGE_SIZE")


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Load:
    """What is known of the packages, and the threads that change and search them."""

    def __init__(self, server, headers, packages, words, options):
        self.server, self.headers, self.packages, self.words, self.options = server, headers, packages, words, options
        self.keys = list(packages)
        self.versions = {}
        self.latencies, self.visible, self.problems = [], [], []
        self.late = 0.0
        self.changes = 0
        self.over = threading.Event()

    def at_pace(self, rate, body):
        """Calls body at fixed times with the time it was due."""
        begin, number = time.monotonic(), 0
        try:
            connection = self.server.connect()
            while not self.over.is_set():
                due = begin + number / rate
                number += 1
                wait = due - time.monotonic()
                if wait > 0:
                    if self.over.wait(wait):
                        return
                body(connection, due)
        except Exception as error:  # a thread must not end unnoticed
            self.problems.append(f"{body.__name__}: {error!r}")

    def search(self, connection, due):
        words = " ".join(self.random.sample(self.words, self.random.choice([1, 1, 2, 2, 3])))
        status, body = get(connection, "/v1/packages/search?q=" + urllib.parse.quote(words))
        self.latencies.append((due, time.monotonic() - due))
        if status != 200:
            self.problems.append(f"search {words}: {status} {body[:200]}")

    def change(self, connection, due, size=10):
        lines, states = [], {}
        for key in self.random.sample(self.keys, size):
            version = self.versions.get(key, 0) + 1
            self.versions[key] = version
            kind = self.random.random()
            old = self.packages[key]
            if kind < .85 or old is None:
                words = " ".join(self.random.sample(self.words, 8))
                state = {"summary": f"{words} revision {version}", "rank": self.random.randint(1, 15000)}
                lines.append({"id": key, "name": key.split(":")[1], "registry": key.split(":")[0], "_version": version,
                              "description": state["summary"], "rank": state["rank"]})
            elif kind < .95:
                state = dict(old, rank=self.random.randint(1, 15000))
                lines.append({"_patch": key, "rank": state["rank"], "_version": version})
            else:
                state = None
                lines.append({"_delete": key, "_version": version})
            states[key] = state
        status, body = get(connection, "/v1/packages/documents", "POST", "\n".join(map(json.dumps, lines)), self.headers)
        results = [json.loads(line)["result"] for line in body.splitlines()] if status == 200 else []
        if status != 200 or any(result in ("failed", "stale") for result in results):
            self.problems.append(f"changes: {status} {body[:300]}")
        self.packages.update(states)
        self.changes += size

    def follow(self, connection, due):
        key, version = "probe:visible", self.versions.get("probe:visible", 0) + 1
        self.versions[key] = version
        line = json.dumps({"id": key, "name": "visible", "registry": "probe", "description": "seen or not", "_version": version})
        get(connection, "/v1/packages/documents", "POST", line, self.headers)
        acknowledged = time.monotonic()
        while not self.over.is_set():
            status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(key, safe=""))
            if status == 200 and json.loads(body)["version"] >= version:
                self.visible.append(time.monotonic() - acknowledged)
                return
            time.sleep(.005)

    def run(self, seconds, kinds, watch=lambda: None):
        self.over.clear()
        self.random = random.Random(7)
        rates = {"search": self.options.searches, "change": self.options.updates / 10, "follow": 1}
        threads = [threading.Thread(target=self.at_pace, args=(rates[kind], getattr(self, kind))) for kind in kinds]
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.problems:
            time.sleep(min(5, max(0, end - time.monotonic())))
            watch()
        self.over.set()
        for thread in threads:
            thread.join()


def read_packages(folder, target):
    """Writes the packages as the catalog's documents; answers what is known of them, and words to search for."""
    known, words = {}, []
    with open(target, "w") as out:
        for number, (registry, name, summary) in enumerate(package_lists.read(folder)):
            key = f"{registry}:{name}"
            state = {"summary": summary, "rank": number % 15000 + 1 if number % 3 else None}
            known[key] = state
            row = {"id": key, "name": name, "registry": registry, "description": summary}
            if state["rank"]:
                row["rank"] = state["rank"]
            out.write(json.dumps(row) + "\n")
            if len(known) % 37 == 0:
                words += re.findall(r"[A-Za-z]{3,}", summary)
    return known, words


SCHEMA = {"key": "id", "fields": [
    {"name": "id", "type": "keyword"}, {"name": "name", "type": "text", "analyzer": "english"},
    {"name": "registry", "type": "keyword"}, {"name": "description", "type": "text", "analyzer": "english"},
    {"name": "rank", "type": "integer"}]}


def disk(folder):
    return sum(os.stat(path).st_blocks * 512 for path in glob.glob(folder + "/**", recursive=True) if os.path.isfile(path)) / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--packages", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--searches", type=int, default=50)
    parser.add_argument("--report")
    options = parser.parse_args()
    failures = []

    def demand(name, value, holds):
        print(f"| {name} | {value} | {'holds' if holds else '**missed**'} |", flush=True)
        if not holds:
            failures.append(name)

    with tempfile.TemporaryDirectory() as folder:
        data, schema, first = (os.path.join(folder, name) for name in ("data", "schema.json", "packages.jsonl"))
        with open(schema, "w") as out:
            json.dump(SCHEMA, out)
        packages, words = read_packages(options.packages, first)
        run = lambda *arguments: subprocess.run([options.quire, *arguments, "--data", data], check=True, capture_output=True, text=True)
        run("index", first, "--schema", schema, "--catalog", "packages", "--merge-to", "1")
        os.remove(first)
        live = disk(data)
        key = run("keys", "add", "proof").stdout.strip()
        server = Server(options.quire, data)
        opened = server.anonymous()
        load = Load(server, {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}, packages, words, options)
        load.run(30, ["search"])
        load.latencies.clear()
        load.run(60, ["search"])
        quiet = [seconds * 1000 for _, seconds in load.latencies]
        load.latencies.clear()
        samples = []

        def watch():
            segments = len(glob.glob(data + "/packages/generations/*/*.seg"))
            samples.append((time.monotonic(), server.anonymous(), server.descriptors(), disk(data), segments))
            if options.report:
                with open(options.report, "a") as out:
                    print(*(f"{value:.1f}" for value in samples[-1]), load.changes, file=out)

        load.run(options.minutes * 60, ["search", "change", "follow"], watch)
        times = [seconds * 1000 for _, seconds in load.latencies]
        half = len(samples) // 2
        early, late = samples[len(samples) // 6:half] or samples, samples[half:] or samples
        greatest = lambda part, column: max(sample[column] for sample in part)
        print(f"| {options.minutes:g} min, {load.changes:,} changes, {len(times):,} searches | | |\n|---|---|---|")
        demand("problems", "; ".join(load.problems[:3]) or "none", not load.problems)
        demand("ready, RssAnon then", f"{server.ready * 1000:.0f} ms, {opened:.1f} MB", opened <= 30)
        demand("RssAnon, greatest of the first half and of the second", f"{greatest(early, 1):.0f}, {greatest(late, 1):.0f} MB",
               greatest(late, 1) <= greatest(early, 1) * 1.1 + 5)
        demand("descriptors", f"{greatest(early, 2)}, {greatest(late, 2)}", greatest(late, 2) <= greatest(early, 2) + 20)
        demand("disk, beside the first index", f"{greatest(samples, 3):.0f} MB, {greatest(samples, 3) / live:.2f} of {live:.0f}",
               greatest(samples, 3) <= 2.2 * live)
        print(f"| segments, median and greatest | {percentile([s[4] for s in samples], .5)}, {greatest(samples, 4)} | |")
        demand("change to visible, p50, p99 (ms)", f"{percentile(load.visible, .5) * 1000:.0f}, {percentile(load.visible, .99) * 1000:.0f}",
               percentile(load.visible, .99) <= .3)
        print(f"| search, quiet: p50, p99 (ms) | {percentile(quiet, .5):.1f}, {percentile(quiet, .99):.1f} | |")
        demand("search under load: p50, p99 (ms)", f"{percentile(times, .5):.1f}, {percentile(times, .99):.1f}",
               percentile(times, .99) <= 2 * percentile(quiet, .99))
        server.process.send_signal(signal.SIGTERM)
        demand("ends when asked", server.process.wait(60), server.process.returncode == 0)
        demand("log", "".join(server.log)[:300].replace("\n", " ") or "empty", not server.log)
        checked = subprocess.run([options.quire, "check", "--data", data, "--catalog", "packages"], capture_output=True, text=True)
        demand("check", checked.stdout.strip()[-160:], checked.returncode == 0)
        server = Server(options.quire, data)
        connection, wrong = server.connect(), []
        changed = [name for name in load.versions if name in packages]
        for name in random.Random(3).sample(changed, min(20_000, len(changed))) + random.Random(4).sample(load.keys, 5_000):
            status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(name, safe=""))
            found = None
            if status == 200:
                document = json.loads(body)["document"]
                found = {"summary": document.get("description", ""), "rank": document.get("rank")}
            if found != packages[name]:
                wrong.append(f"{name}: {found}, not {packages[name]}")
        count = json.loads(get(connection, "/v1/packages")[1])["documents"]
        wanted = sum(state is not None for state in packages.values()) + ("probe:visible" in load.versions)
        demand("documents compared with what was written", f"{len(wrong)} differ {wrong[:1]}", not wrong)
        demand("documents", f"{count:,} of {wanted:,}", count == wanted)
        server.process.terminate()
        server.process.wait()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
