#!/usr/bin/env python3
"""A day in an hour: a server of 1.1 million packages is changed and searched at a steady pace, and watched.

    scripts/prove-steady.py --quire PATH --packages FOLDER [--minutes 60] [--updates 200] [--searches 50] [--report FILE]

FOLDER holds pypi.tsv and npm.tsv (tab-separated, with columns name and summary). All at once: searches and suggestions at fixed
times, whatever the replies take (Benchmarks/Load); documents, patches and deletions in batches, and uploads of thousands of lines;
readers of whole results by cursors; clients that come, ask once and leave, some without a word. Once a second a change is followed
until the document shows it. In the end the catalog is checked, and compared with what was written, after a restart.
Prints a line for each minute and a table; ends with 1 when something is not as it should be.
"""

import argparse
import collections
import glob
import json
import os
import random
import re
import socket
import tempfile
import threading
import time
import urllib.parse

import package_lists
from generator import Generator, processors
from served import DataFolder, Demands, Server, get, percentile

FIELDS = {
    "name": {"type": "text", "analyzer": "english"}, "registry": "keyword",
    "description": {"type": "text", "analyzer": "english"}, "rank": "integer",
    "name_whole": {"type": "text", "from": "name", "analyzer": "whole"},
    "name_words": {"type": "vocabulary", "from": "name"}, "description_words": {"type": "vocabulary", "from": "description"},
    "name_suggestions": {"type": "suggestion", "from": "name", "kind": "title", "weight": "rank"}}
UPLOAD = 2000  # lines


class Load:
    """What is known of the packages, and the threads that change and read them."""

    def __init__(self, server, headers, packages, words, options):
        self.server, self.headers, self.packages, self.words, self.options = server, headers, packages, words, options
        self.keys = list(packages)
        self.versions = {}
        self.random = random.Random(7)
        self.visible, self.problems = [], []
        self.changes = self.uploads = self.pages = self.visits = self.refused = 0
        self.over = threading.Event()

    def at_pace(self, rate, body):
        """Calls body at fixed times."""
        begin, number = time.monotonic(), 0
        try:
            connection = self.server.connect()
            while not self.over.wait(max(0, begin + number / rate - time.monotonic())):
                number += 1
                body(connection)
        except Exception as error:  # a thread must not end unnoticed
            self.problems.append(f"{body.__name__}: {error!r}")

    def next_version(self, key):
        self.versions[key] = self.versions.get(key, 0) + 1
        return self.versions[key]

    def document(self, key, state):
        registry, name = key.split(":", 1)
        return {"id": key, "name": name, "registry": registry, "_version": self.next_version(key),
                "description": state["summary"], "rank": state["rank"]}

    def send(self, connection, lines, states):
        """Sends changes, and notes the states that they lead to."""
        status, body = get(connection, "/v1/packages/documents", "POST", "\n".join(map(json.dumps, lines)), self.headers)
        results = [json.loads(line)["result"] for line in body.splitlines()] if status == 200 else []
        if status != 200 or any(result in ("failed", "stale") for result in results):
            self.problems.append(f"changes: {status} {body[:300]}")
        self.packages.update(states)
        self.changes += len(lines)

    def new_state(self):
        return {"summary": " ".join(self.random.sample(self.words, 8)), "rank": self.random.randint(1, 15000)}

    def change(self, connection, size=10):
        lines, states = [], {}
        for key in self.random.sample(self.keys, size):
            kind, old = self.random.random(), self.packages[key]
            if kind < .6 or old is None:
                states[key] = self.new_state()
                lines.append(self.document(key, states[key]))
            elif kind < .95:
                states[key] = dict(old, rank=self.random.randint(1, 15000))
                lines.append({"_patch": key, "rank": states[key]["rank"], "_version": self.next_version(key)})
            else:
                states[key] = None
                lines.append({"_delete": key, "_version": self.next_version(key)})
        self.send(connection, lines, states)

    def upload(self, connection):
        """Thousands of lines in one request, always of the same documents."""
        states = {f"upload:{number}": self.new_state() for number in range(UPLOAD)}
        self.send(connection, [self.document(key, state) for key, state in states.items()], states)
        self.uploads += 1

    def follow(self, connection):
        key = "probe:visible"
        version = self.next_version(key)
        line = json.dumps({"id": key, "name": "visible", "registry": "probe", "description": "seen or not", "_version": version})
        get(connection, "/v1/packages/documents", "POST", line, self.headers)
        acknowledged = time.monotonic()
        while not self.over.is_set():
            status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(key, safe=""))
            if status == 200 and json.loads(body)["version"] >= version:
                self.visible.append(time.monotonic() - acknowledged)
                return
            time.sleep(.005)

    def read(self, connection):
        """Reads all hits of a rare word by cursors; each must come once."""
        word, seen, after = self.random.choice(self.words), set(), "*"
        while after and not self.over.is_set() and len(seen) < 2000:
            query = urllib.parse.urlencode({"q": word + " ", "per_page": 100, "after": after, "facets": "", "typo": "off"})
            status, body = get(connection, f"/v1/packages/search?{query}")
            if self.is_refused("cursor", status, body):
                return
            reply = json.loads(body)
            ids = [hit["id"] for hit in reply["hits"]]
            if seen & set(ids):
                self.problems.append(f"a cursor returned {seen & set(ids)} twice")
            seen.update(ids)
            after = reply.get("next")
            self.pages += 1

    def is_refused(self, what, status, body):
        """Whether a search was refused for want of time, which is noted as any other failure is."""
        self.refused += status == 503
        if status not in (200, 503):
            self.problems.append(f"{what}: {status} {body[:200]}")
        return status != 200

    def visit(self, _):
        """A client of its own: it asks once and leaves, or leaves before the reply, or says nothing."""
        self.visits += 1
        kind = self.visits % 4
        if kind < 2:
            connection = self.server.connect()
            status, body = get(connection, "/v1/packages/search?facets=registry&q=" + urllib.parse.quote(self.random.choice(self.words)))
            connection.close()
            self.is_refused("visit", status, body)
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as client:
            if kind == 2:
                client.sendall(b"GET /v1/packages/search?q=library HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def start(self):
        rates = {self.change: self.options.updates / 10, self.follow: 1, self.upload: 1 / 30, self.read: 1 / 2, self.visit: 5}
        self.threads = [threading.Thread(target=self.at_pace, args=(rate, body), daemon=True) for body, rate in rates.items()]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def read_packages(folder):
    """The packages as documents, what is known of them by key, and words to search for."""
    known, words = {}, []

    def documents():
        for number, (registry, name, summary) in enumerate(package_lists.read(folder)):
            key = f"{registry}:{name}"
            known[key] = {"summary": summary, "rank": number % 15000 + 1 if number % 3 else None}
            if number % 37 == 0:
                words.extend(re.findall(r"[A-Za-z]{3,}", summary))
            yield {"id": key, "name": name, "registry": registry, "description": summary,
                   **({"rank": known[key]["rank"]} if number % 3 else {})}

    return documents(), known, words


def write_requests(path, words):
    """Searches, some with facets or an order, and suggestions while someone types."""
    pick = random.Random(11)
    with open(path, "w") as out:
        for _ in range(20_000):
            query = urllib.parse.quote(" ".join(pick.sample(words, pick.choice([1, 1, 2, 2, 3]))))
            more = pick.choice(["", "", "&facets=registry,rank(by 1000)", "&sort=rank:desc", "&filter=rank:100..5000"])
            out.write(f"search\t/v1/packages/search?q={query}{more.replace(' ', '%20')}\n")
            word = pick.choice(words)
            out.write(f"suggest\t/v1/packages/suggest?q={word[:pick.randint(1, len(word))]}\n")


def disk(folder):
    return sum(os.stat(path).st_blocks * 512 for path in glob.glob(folder + "/**", recursive=True) if os.path.isfile(path)) / 1e6


class Watch(threading.Thread):
    """Looks at a server every five seconds."""

    def __init__(self, server, data):
        super().__init__(daemon=True)
        self.server, self.data, self.over = server, data, threading.Event()
        self.samples = []

    def run(self):
        while not self.over.wait(5):
            try:
                used = disk(self.data)
            except FileNotFoundError:  # removed by a commit meanwhile
                continue
            segments = len(glob.glob(self.data + "/packages/generations/*/*.seg"))
            self.samples.append({
                "second": time.monotonic(), "RssAnon": self.server.anonymous(), "descriptors": self.server.descriptors(),
                "threads": self.server.threads(), "disk": used, "segments": segments})

    def greatest(self, name, first, last):
        """The greatest value between two shares of the time."""
        part = self.samples[int(len(self.samples) * first):int(len(self.samples) * last)] or self.samples
        return max(sample[name] for sample in part)

    def slope(self, name):
        """The growth a minute over the second half, by least squares."""
        points = [(sample["second"] / 60, sample[name]) for sample in self.samples[len(self.samples) // 2:]]
        middle = [sum(column) / len(points) for column in zip(*points)]
        spread = sum((x - middle[0]) ** 2 for x, _ in points)
        return sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread if spread else 0


def run_minutes(load, watch, generator, requests, options):
    """The reports of the generator, minute by minute, each as a line of a table."""
    print("| minute | search p50, p99 ms | suggest p50, p99 ms | other | late p99 ms | RssAnon MB | descriptors | threads | segments "
          "| changes |\n|---|---|---|---|---|---|---|---|---|---|", flush=True)
    reports, left = [], options.minutes * 60
    while left > 0 and not load.problems:
        report = generator.run(load.server.port, requests, 2 * options.searches, min(left, 60), warm_up=0, arrivals="constant")
        reports.append(report)
        left -= 60
        now = watch.samples[-1] if watch.samples else dict.fromkeys(("RssAnon", "descriptors", "threads", "segments"), 0)
        times = [report["classes"][name].get("200", {"p50": float("nan"), "p99": float("nan")}) for name in ("search", "suggest")]
        other = {name: times["count"] for name, times in report["outcomes"].items() if name != "200"}
        line = (f"| {len(reports)} | " + " | ".join(f"{part['p50']:.1f}, {part['p99']:.1f}" for part in times)
                + f" | {other or ''} | {report['lateness']['p99']:.2f} | {now['RssAnon']:.1f} | {now['descriptors']} | {now['threads']} | "
                f"{now['segments']} | {load.changes:,} |")
        print(line, flush=True)
        if options.report:
            with open(options.report, "a") as out:
                print(line, file=out)
    return reports


def p99(reports, name):
    """The median and the greatest of the minutes' 99th percentiles."""
    values = [report["classes"][name].get("200", {"p99": float("inf")})["p99"] for report in reports]
    return percentile(values, .5), max(values)


def judge(demand, load, watch, quiet, reports, ready, opened, live):
    outcomes = collections.Counter()
    for report in reports:
        outcomes.update({name: times["count"] for name, times in report["outcomes"].items()})
    demand("problems; outcomes", f"{'; '.join(load.problems[:3]) or 'none'}; {dict(outcomes)}",
           not load.problems and set(outcomes) <= {"200", "503"})
    refused = outcomes["503"] + load.refused
    demand("refused for want of time, share", f"{refused}, {refused / outcomes.total():.5f}", refused <= .001 * outcomes.total())
    demand.show("uploads, pages by cursor, visits", f"{load.uploads}, {load.pages:,}, {load.visits:,}")
    void = sum(report["void"] for report in reports)
    demand.show("minutes in which the generator was late", void)
    demand("ready, RssAnon then", f"{ready * 1000:.0f} ms, {opened:.1f} MB", opened <= 30)
    early, late = watch.greatest("RssAnon", 1 / 6, 1 / 2), watch.greatest("RssAnon", 1 / 2, 1)
    demand("RssAnon: greatest of the first half and of the second, MB a minute",
           f"{early:.0f}, {late:.0f}, {watch.slope('RssAnon'):+.2f}", late <= early * 1.1 + 5)
    for name in ("descriptors", "threads"):
        early, late = watch.greatest(name, 1 / 6, 1 / 2), watch.greatest(name, 1 / 2, 1)
        demand(f"{name}: greatest of both halves", f"{early}, {late}", late <= early + 20)
    most = watch.greatest("disk", 0, 1)
    demand("disk, beside the first index", f"{most:.0f} MB, {most / live:.2f} of {live:.0f}", most <= 2.2 * live)
    segments = [sample["segments"] for sample in watch.samples]
    demand.show("segments, median and greatest", f"{percentile(segments, .5)}, {max(segments)}")
    seen = [percentile(load.visible, share) * 1000 for share in (.5, .99)]
    demand("change to visible, p50, p99 (ms)", f"{seen[0]:.0f}, {seen[1]:.0f}", seen[1] <= 300)
    for name in ("search", "suggest"):
        alone, (middle, most) = p99([quiet], name)[0], p99(reports, name)
        demand(f"p99 of {name}: quiet; median and greatest of the minutes (ms)", f"{alone:.1f}; {middle:.1f}, {most:.1f}",
               middle <= max(2 * alone, 5))


def compare(server, load):
    """The documents that differ from what was written, of those that were changed most likely."""
    connection, wrong = server.connect(), []
    changed = [key for key in load.versions if key in load.packages]
    for key in random.Random(3).sample(changed, min(20_000, len(changed))) + random.Random(4).sample(load.keys, 5_000):
        status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(key, safe=""))
        found = None
        if status == 200:
            document = json.loads(body)["document"]
            found = {"summary": document.get("description", ""), "rank": document.get("rank")}
        if found != load.packages[key]:
            wrong.append(f"{key}: {found}, not {load.packages[key]}")
    return wrong, json.loads(get(connection, "/v1/packages")[1])["documents"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--packages", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--searches", type=int, default=50, help="a second; as many suggestions are asked for")
    parser.add_argument("--report", help="a file for the lines of the minutes")
    options = parser.parse_args()
    generator = Generator()
    with tempfile.TemporaryDirectory() as folder:
        data, requests = DataFolder(options.quire, folder), os.path.join(folder, "requests")
        documents, packages, words = read_packages(options.packages)
        data.index("packages", FIELDS, documents, "--merge-to", "1")
        write_requests(requests, words)
        live = disk(data.path)
        server = Server(options.quire, data.path, cpus=processors()[0])
        opened = server.anonymous()
        try:
            load, watch = Load(server, data.headers(), packages, words, options), Watch(server, data.path)
            quiet = generator.run(server.port, requests, 2 * options.searches, 60, warm_up=30, arrivals="constant")
            load.start()
            watch.start()
            reports = run_minutes(load, watch, generator, requests, options)
            load.end()
            watch.over.set()
            print()
            demand = Demands(f"{options.minutes:g} min, {load.changes:,} changes, {sum(r['requests'] for r in reports):,} requests")
            judge(demand, load, watch, quiet, reports, server.ready, opened, live)
            demand("ends when asked", server.end(), server.process.returncode == 0)
        finally:
            server.kill()
        demand("log", "".join(server.log)[:300].replace("\n", " ") or "empty", not server.log)
        clean, text = data.check("packages")
        demand("check", text, clean)
        server = Server(options.quire, data.path)
        try:
            wrong, count = compare(server, load)
        finally:
            server.kill()
        demand("documents compared with what was written", f"{len(wrong)} differ {wrong[:1]}", not wrong)
        wanted = sum(state is not None for state in packages.values()) + ("probe:visible" in load.versions)
        demand("documents", f"{count:,} of {wanted:,}", count == wanted)
    demand.end()


if __name__ == "__main__":
    main()
