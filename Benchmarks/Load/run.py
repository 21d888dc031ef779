#!/usr/bin/env python3
"""What a request costs a server, and how many a second it can answer in time: Quire, Typesense and a bare server in one run.

    Benchmarks/Load/run.py --data DIR --packages LISTS --typesense PATH [--quire PATH] [--work DIR] [--quick] [--only DATA]...

DIR is a folder with catalogues/ and queries/, LISTS one with npm.tsv and pypi.tsv. The data: 97,057 Chinese books with the full schema
and real queries; 10,000 English books with words of their titles; 1.1 million packages with real queries. Each is searched with three
facets and ten hits, and asked for suggestions after each keystroke. Servers are pinned to the first processor, the load generator to
the last one, before everything else there; arrivals are Poisson. A bare server of the same HTTP library sends replies of the same size.

For each class of requests: processor time of the server for a request, with its processor 40 % busy (median of alternating rounds; the
bare server at the rate of Quire), and the highest rate at which 99 of 100 requests are answered within 20 ms (searches) or 5 ms
(suggestions), found by bisection; then ratios, with the engine's own time in a process without HTTP (`quire measure`). The reply cache
is off, and measured apart.
The machine must be quiet; --quick is for a look. Data are kept in --work for the next time.
"""

import argparse
import contextlib
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path += [os.path.join(PROJECT, *folder) for folder in (["scripts"], ["Benchmarks"], ["Benchmarks", "Typing"])]
import cost  # noqa: E402
import typesense  # noqa: E402
from generator import Generator, build, processors  # noqa: E402
from served import Server  # noqa: E402

# The 99th percentile that a class of requests may have, in milliseconds.
LIMITS = {"search": 20, "suggest": 5}
# The option of `quire serve` that sets the size of the reply cache; 0 is none.
CACHE = "--reply-cache"


# Data sets


def read_lines(path):
    with gzip.open(path, "rt", encoding="utf8") as lines:
        yield from map(json.loads, lines)


class Books:
    """Chinese books with the full schema, and real queries of a shop."""

    name, facets, text, weight = "zh-books", ["author", "publisher", "category"], ["title", "author"], "rating_count"
    locale, schema = "zh", f"{PROJECT}/Fixtures/mappings/zh-books.schema.json"

    def __init__(self, options):
        self.path = f"{options.data}/catalogues/zh-books-douban/books.jsonl.gz"
        with gzip.open(f"{options.data}/queries/zh-ecom-books.tsv.gz", "rt", encoding="utf8") as lines:
            self.queries = [line.rstrip("\n").split("\t")[1] for line in lines]

    def documents(self):
        for book in read_lines(self.path):
            yield {**book, "category": book.get("categories", [])}


class EnglishBooks:
    """English books with the schema that Quire infers; the queries are words of titles, for there are no real ones."""

    name, facets, text, weight = "goodbooks", ["author", "series", "language"], ["title", "author", "series"], "rating_count"
    locale, schema = None, None

    def __init__(self, options):
        self.path = f"{options.data}/catalogues/en-goodbooks10k/books.jsonl.gz"
        pick, titles = random.Random(5), [book["title"].split() for book in self.documents()]
        self.queries = []
        while len(self.queries) < 500:
            title, size = pick.choice(titles), pick.choice([2, 2, 3])
            first = pick.randrange(max(1, len(title) - size + 1))
            self.queries.append(" ".join(title[first:first + size]).strip("(),#"))

    def documents(self):
        return read_lines(self.path)


class Packages:
    """1.1 million packages with all features of the cost of typing, and real queries."""

    name, facets, text, weight = "packages", ["ecosystem", "initial", "length"], ["title", "text"], "weight"
    locale = None

    def __init__(self, options):
        self.lists, self.schema = options.packages, f"{options.work}/packages.schema.json"
        schema = cost.schema("packages", ["characters", "whole", "vocabulary", "suggestions"])
        schema["fields"].append({"name": "length", "type": "keyword"})
        with open(self.schema, "w", encoding="utf8") as out:
            json.dump(schema, out)
        with gzip.open(f"{options.data}/queries/en-search-benchmark-game.tsv.gz", "rt", encoding="utf8") as lines:
            self.queries = [" ".join(word.strip('+"') for word in line.split("\t")[1].split()) for line in lines]

    def documents(self):
        for package in cost.packages(self.lists):
            yield {**package, "length": str(min(len(package["title"]), 30))}


DATA = {kind.name: kind for kind in (Books, EnglishBooks, Packages)}


def targets(data):
    """For each class of requests, the targets of Quire and those of Typesense for the same questions."""
    quote = lambda **parameters: urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)  # noqa: E731
    pick = random.Random(3)
    queries = data.queries[:]
    pick.shuffle(queries)
    typed = [query[:length] for query in queries for length in range(1, min(len(query), 12) + 1)]
    typed = pick.sample(typed, min(2000, len(typed)))
    facets, text = ",".join(data.facets), ",".join(data.text)
    quire, typesense = f"/v1/{data.name}", f"/collections/{data.name}/documents/search"
    order = f"_text_match:desc,{data.weight}:desc"
    yield "search", [f"{quire}/search?{quote(q=q, facets=facets, per_page=10, prefix='none')}" for q in queries], \
        [f"{typesense}?{quote(q=q, query_by=text, facet_by=facets, per_page=10, prefix='false')}" for q in queries]
    yield "suggest", [f"{quire}/suggest?{quote(q=q, limit=10)}" for q in typed], \
        [f"{typesense}?{quote(q=q, query_by=text, per_page=10, prefix='true', sort_by=order)}" for q in typed]


# Servers


def index(options, data):
    """Indexes a data set for Quire, unless it is there already."""
    if os.path.exists(f"{options.work}/quire/{data.name}/CURRENT"):
        return
    lines = f"{options.work}/{data.name}.jsonl"
    with open(lines, "w", encoding="utf8") as out:
        out.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in data.documents())
    schema = ["--schema", data.schema] if data.schema else []
    done = subprocess.run([options.quire, "index", "--data", f"{options.work}/quire", "--catalog", data.name, *schema,
                           "--merge-to", "1", lines], capture_output=True, text=True)
    os.remove(lines)
    if done.returncode:
        sys.exit(done.stderr)


def fill(server, data):
    """Gives Typesense the members of a data set that are searched, counted or ordered by, unless it has them already."""
    if server.has(data.name):
        return
    members = data.text + [member for member in data.facets if member not in data.text]
    several = {"author", "category"}
    fields = [{"name": member, "type": "string[]" if member in several else "string", "facet": member in data.facets,
               **({"locale": data.locale} if data.locale and member in data.text else {})} for member in members]
    fields.append({"name": data.weight, "type": "int32"})
    server.fill(data.name, fields, data.weight, (
        {"id": document["id"], data.weight: document.get(data.weight) or 0,
         **{member: document.get(member) or ([] if member in several else "") for member in members}}
        for document in data.documents()))


class BareServer:
    """A server of the same HTTP library that always sends the same number of bytes."""

    def __init__(self, program, size, cpus):
        self.process = subprocess.Popen([program, "--bytes", str(max(2, size))], stderr=subprocess.PIPE, text=True,
                                        preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        self.port = int(self.process.stderr.readline().rsplit(":", 1)[1].strip().rstrip("/"))

    def end(self):
        self.process.terminate()
        self.process.wait()


class Contestant:
    """A server with the requests of one class, and what is measured of it."""

    def __init__(self, name, server, folder, targets, headers=()):
        self.name, self.server, self.headers = name, server, headers
        self.requests = os.path.join(folder, name.lower().replace(", ", "-").replace(" ", "-") + ".requests")
        with open(self.requests, "w") as out:
            out.writelines(target + "\n" for target in targets)
        self.rate, self.reports, self.highest, self.is_bounded = 20, [], 0, True

    def median(self, value):
        return statistics.median(map(value, self.reports)) if self.reports else float("nan")

    @property
    def cost(self):
        return self.median(lambda report: report["serverMicroseconds"])

    def time(self, name):
        return self.median(lambda report: report["outcomes"].get("200", {}).get(name, float("nan")))


# Measuring


class Measurer:
    """Runs the generator against one server after the other."""

    def __init__(self, options):
        self.generator, self.voids = Generator(), 0
        self.seconds, self.rounds, self.steps = (2, 1, 5) if options.quick else (5, 3, 8)

    def run(self, contestant, rate, seconds=None):
        """The report of a run; one that is void is repeated twice at most."""
        for _ in range(3):
            report = self.generator.run(
                contestant.server.port, contestant.requests, rate, seconds or self.seconds, headers=contestant.headers, timeout=2,
                process=contestant.server.process.pid)
            if not report["void"]:
                break
            self.voids += 1
        if set(report["outcomes"]) - {"200", "503", "timeout", "unsent"}:
            sys.exit(f"{contestant.name}: {report['outcomes']}")
        return report

    def costs(self, contestants):
        """Measures all in alternation, each with a processor 40 % busy; the bare server at the rate of Quire."""
        for contestant in contestants:
            contestant.rate = 20
            for share in (.2e6, .4e6):
                contestant.rate = max(10, round(share / self.run(contestant, contestant.rate, 2)["serverMicroseconds"]))
        contestants[-1].rate = contestants[0].rate
        for _ in range(self.rounds):
            for contestant in contestants:
                contestant.reports.append(self.run(contestant, contestant.rate))

    def find_highest(self, contestant, limit):
        """The highest rate within the limit, to some percent; 0 if there is none. It is not bounded by the server if the generator
        was late first."""
        rate, low, high = .7e6 / contestant.cost, 0, None
        for _ in range(self.steps):
            report = self.run(contestant, rate)
            times = report["outcomes"].get("200")
            if set(report["outcomes"]) == {"200"} and times["p99"] <= limit and not report["void"]:
                low = rate
            else:
                high, contestant.is_bounded = rate, not report["void"]
            if high and low and high / low < 1.06:
                break
            rate = rate * 1.5 if high is None else rate / 1.4 if not low else (low * high) ** .5
        contestant.highest = low


def engine_time(options, data, requests, rounds):
    """The processor microseconds of a request inside of a process, without HTTP."""
    done = subprocess.run(
        [options.quire, "measure", requests, "--data", f"{options.work}/quire", "--catalog", data.name, "--rounds", str(rounds)],
        capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, processors()[0]))
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["all"]["microseconds"]


def measure(options, measurer, bare, data, kind, servers, own, theirs):
    """Measures one class of requests on all servers; answers the rows of both tables."""
    contestants = [Contestant(name, server, options.work, own) for name, server in servers.items() if name != "Typesense"]
    contestants.insert(1, Contestant("Typesense", servers["Typesense"], options.work, theirs, [typesense.HEADER]))
    size = round(measurer.run(contestants[0], 20, 2)["bodyBytes"])
    base = Contestant("bare", BareServer(bare, size, processors()[0]), options.work, ["/reply"])
    contestants.append(base)
    try:
        measurer.costs(contestants)
        for contestant in contestants:
            measurer.find_highest(contestant, LIMITS[kind])
    finally:
        base.server.end()
    engine = engine_time(options, data, contestants[0].requests, measurer.rounds)
    rows = [f"| {data.name} | {kind} | {c.name} | {c.rate} | {c.cost:.0f} | {c.time('p50'):.2f} | {c.time('p99'):.2f} | "
            f"{'' if c.is_bounded else '≥ '}{c.highest:.0f} |" for c in contestants]
    quire, rival = contestants[:2]
    ratios = (f"| {data.name} | {kind} | {size} | {engine:.0f} | {quire.cost / rival.cost:.2f} | "
              f"{quire.cost / (engine + 5 * base.cost):.2f} | {quire.cost / base.cost:.1f} | "
              f"{quire.highest / max(rival.highest, 1):.1f} | {quire.highest / max(base.highest, 1):.2f} |")
    print("\n".join(rows), flush=True)
    return ratios


def commit():
    ask = lambda *command: subprocess.run(["git", "-C", PROJECT, *command], capture_output=True, text=True).stdout.strip()  # noqa: E731
    return ask("rev-parse", "--short", "HEAD") + (" with changes" if ask("status", "--porcelain") else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--typesense", required=True)
    parser.add_argument("--quire", default=os.path.join(PROJECT, ".build", "release", "quire"))
    parser.add_argument("--work", default="load-data")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=list(DATA))
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    began, measurer = time.monotonic(), Measurer(options)
    bare, = build("bare-server")
    help_text = subprocess.run([options.quire, "serve", "--help"], capture_output=True, text=True).stdout
    data_sets = [DATA[name](options) for name in options.only or DATA]
    with contextlib.ExitStack() as ends:
        rival = typesense.Typesense(options.typesense, f"{options.work}/typesense", processors()[0])
        ends.callback(rival.end)
        for data in data_sets:
            index(options, data)
            fill(rival, data)
        servers = {"Quire": Server(options.quire, f"{options.work}/quire", *([CACHE, "0"] if CACHE in help_text else []),
                                   cpus=processors()[0]), "Typesense": rival}
        ends.callback(servers["Quire"].end)
        if CACHE in help_text:
            servers["Quire, reply cache"] = Server(options.quire, f"{options.work}/quire", cpus=processors()[0])
            ends.callback(servers["Quire, reply cache"].end)
        print(f"Commit {commit()}; {'a quick look; ' if options.quick else ''}median of {measurer.rounds} rounds of "
              f"{measurer.seconds} s.\n\n| data | class | server | rate/s | server CPU µs a request | p50 ms | p99 ms | "
              "highest rate/s in time |\n|---|---|---|---|---|---|---|---|", flush=True)
        ratios = [measure(options, measurer, bare, data, kind, servers, own, theirs)
                  for data in data_sets for kind, own, theirs in targets(data)]
    print("\n| data | class | body bytes | engine alone µs | CPU / Typesense (< 0.33) | CPU / (engine + 5 × bare) (≤ 1) | CPU / bare | "
          "highest rate / Typesense | highest rate / bare |\n|---|---|---|---|---|---|---|---|---|")
    print("\n".join(ratios))
    print(f"\n{measurer.voids} runs were void and repeated; {(time.monotonic() - began) / 60:.0f} minutes.")


if __name__ == "__main__":
    main()
