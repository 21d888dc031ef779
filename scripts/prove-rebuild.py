#!/usr/bin/env python3
"""A catalog of 1.1 million packages is rebuilt while it is searched and changed, swapped, rolled back, and killed.

    scripts/prove-rebuild.py --quire PATH --packages FOLDER [--documents N] [--updates 50] [--searches 100] [--kills 20]
                             [--report FILE]

FOLDER holds pypi.tsv and npm.tsv (tab-separated, with columns name and summary). First everything is quiet but for changes; then
`quire reindex --verify --swap` runs from the catalog's own rows with another schema, and from an export; after more changes it is
rolled back. Then a smaller catalog is rebuilt again and again by a server that is killed at random moments. Each time all documents
are compared with what was written. --report gets a line for each ten seconds with the memory (a curve).
"""

import argparse
import collections
import itertools
import json
import os
import random
import subprocess
import tempfile
import threading
import time

from generator import Generator, processors
from packages_load import FIELDS, Load, Watch, compare, p99, read_packages, write_requests
from served import DataFolder, Demands, Server, get, percentile

OTHER = {**FIELDS, "description_characters": {"type": "text", "from": "description", "analyzer": "whole"}}
MEMORY = 256  # megabytes, of the whole process with its searches


def first(packages, count):
    """The first documents; all for 0."""
    documents, known, words = packages
    return (itertools.islice(documents, count) if count else documents), known, words


class Phases:
    """Searches at a steady rate while something else runs, and what they took."""

    def __init__(self, generator, server, requests, options):
        self.generator, self.server, self.requests, self.options = generator, server, requests, options

    def during(self, run, least=30):
        """Searches while `run`, a process, is running, and at least for some seconds; the reports of ten seconds each."""
        reports, begin = [], time.monotonic()
        while (run and run.poll() is None) or time.monotonic() - begin < least:
            report = self.generator.run(self.server.port, self.requests, self.options.searches, 10, warm_up=0, arrivals="constant")
            reports.append(report)
            if self.options.report:
                times = report["classes"]["search"].get("200", {})
                with open(self.options.report, "a") as out:
                    print(f"{time.monotonic() - begin:.0f} s, p50 {times.get('p50', 0):.1f}, p99 {times.get('p99', 0):.1f} ms, "
                          f"RssAnon {self.server.anonymous():.0f} MB", file=out)
        return reports


def outcomes(reports):
    count = collections.Counter()
    for report in reports:
        count.update({name: times["count"] for name, times in report["outcomes"].items()})
    return dict(count)


def reindex(data, options, *more):
    return subprocess.Popen([options.quire, "reindex", "packages", "--data", data.path, "--verify", "--swap", *more],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def judge_run(demand, name, run, phases, quiet, watch):
    begin, seen = time.monotonic(), len(watch.samples)
    reports = phases.during(run)
    out, errors = run.communicate()
    demand(f"{name}: ends", f"{run.returncode}, after {time.monotonic() - begin:.0f} s: {(out + errors).strip()[-220:]}",
           run.returncode == 0)
    demand(f"{name}: missing, extra, stale", next((line for line in out.splitlines() if "compared" in line), "?"),
           "0 missing, 0 extra, 0 stale" in out)
    counts = outcomes(reports)
    demand(f"{name}: searches", counts, set(counts) == {"200"})
    before, after = p99([quiet], "search")[0], p99(reports, "search")
    demand(f"{name}: p99 before; median and greatest of ten seconds (ms)", f"{before:.1f}; {after[0]:.1f}, {after[1]:.1f}",
           after[0] <= 3 * before)
    most = max(sample["RssAnon"] for sample in watch.samples[seen:] or watch.samples)
    demand(f"{name}: RssAnon at most (MB)", f"{most:.0f}", most <= MEMORY)


def export(server, headers, path):
    connection = server.connect()
    connection.request("GET", "/v1/packages/export", headers=headers)
    answer = connection.getresponse()
    begin, size = time.monotonic(), 0
    with open(path, "wb") as out:
        while piece := answer.read(1 << 20):
            out.write(piece)
            size += len(piece)
    return f"{answer.status}, {size / 1e6:.0f} MB in {time.monotonic() - begin:.1f} s"


def differing(server, load):
    """What differs from what was written, as text, and whether nothing does."""
    wrong, count = compare(server, load)
    wanted = sum(state is not None for state in load.packages.values()) + ("probe:visible" in load.versions)
    return f"{len(wrong)} differ {wrong[:1]}, {count:,} of {wanted:,} documents", not wrong and count == wanted


def prove_rebuilds(options, folder, generator):
    data, requests = DataFolder(options.quire, folder), os.path.join(folder, "requests")
    documents, packages, words = first(read_packages(options.packages), options.documents)
    data.index("packages", FIELDS, documents, "--merge-to", "1")
    write_requests(requests, words, suggests=False)
    server = Server(options.quire, data.path, cpus=processors()[0])
    demand = Demands(f"{len(packages):,} documents, {options.updates} changes/s, {options.searches} searches/s")
    try:
        headers = data.headers()
        load, watch = Load(server, headers, packages, words, options), Watch(server, data.path)
        load.start(only_changes=True)
        watch.start()
        phases = Phases(generator, server, requests, options)
        generator.run(server.port, requests, options.searches, 20, warm_up=0, arrivals="constant")
        quiet = generator.run(server.port, requests, options.searches, 60, warm_up=0, arrivals="constant")
        demand.show("before: p50, p99 of searches (ms), RssAnon (MB)",
                    f"{quiet['classes']['search']['200']['p50']:.1f}, {p99([quiet], 'search')[0]:.1f}, {server.anonymous():.0f}")
        schema = data.schema(OTHER)
        judge_run(demand, "rows, another schema", reindex(data, options, "--schema", schema), phases, quiet, watch)
        begun = subprocess.run([options.quire, "reindex", "packages", "--data", data.path, "--begin", "--schema", schema],
                               capture_output=True, text=True)
        demand("begun", (begun.stdout + begun.stderr).strip(), begun.returncode == 0)
        demand.show("export", export(server, headers, os.path.join(folder, "export.jsonl")))
        judge_run(demand, "export", reindex(data, options, "--from", os.path.join(folder, "export.jsonl")), phases, quiet, watch)
        phases.during(None, 20)
        back = subprocess.run([options.quire, "reindex", "packages", "--data", data.path, "--rollback"], capture_output=True, text=True)
        demand("rollback", (back.stdout + back.stderr).strip(), back.returncode == 0)
        phases.during(None, 10)
        load.end()
        demand("changes", f"{load.changes:,}; {'; '.join(load.problems[:2]) or 'no problem'}", not load.problems)
        seen = [percentile(load.visible, share) * 1000 for share in (.5, .99)]
        demand("change to visible, p50, p99 (ms)", f"{seen[0]:.0f}, {seen[1]:.0f}", seen[1] <= 1000)
        demand("documents compared with what was written, after the rollback", *differing(server, load))
        watch.over.set()
        demand("ends when asked", server.end(), server.process.returncode == 0)
    finally:
        server.kill()
    clean, text = data.check("packages")
    demand("check", text, clean)
    return demand


def prove_kills(options, folder):
    """A rebuild whose server is killed at random moments goes on when the server is back."""
    data = DataFolder(options.quire, folder)
    documents, packages, words = first(read_packages(options.packages), 60_000)
    documents = list(documents)
    packages = {document["id"]: packages[document["id"]] for document in documents}
    data.index("packages", FIELDS, documents)
    pick, wrong, swaps, kills = random.Random(3), [], 0, 0
    headers = data.headers()
    versions = {}
    for number in range(options.kills):
        server = Server(options.quire, data.path)
        load = Load(server, headers, packages, words, options)
        load.versions, load.keys = versions, list(packages)
        load.start(only_changes=True)
        more = ["--schema", data.schema(OTHER if number % 2 else FIELDS)]
        run = reindex(data, options, *more)
        stop = threading.Timer(pick.uniform(.05, 3.5), server.kill)
        stop.start()
        run.wait()
        stop.join()
        load.over.set()
        for thread in load.threads:
            thread.join()
        load.problems.clear()  # the connections that the kill broke
        kills += 1
        server = Server(options.quire, data.path)
        try:
            again = reindex(data, options, *more)
            out, errors = again.communicate(timeout=300)
            swaps += again.returncode == 0
            if again.returncode:
                wrong.append(f"kill {number}: {again.returncode} {(out + errors).strip()[-200:]}")
            load.server = server
            settle(server, load)
            differ, count = compare(server, load)
            if differ:
                wrong.append(f"kill {number}: {differ[:1]}")
        finally:
            server.end()
    demand = Demands(f"{kills} kills of the server within 3.5 s of a rebuild, 60,000 documents")
    demand("rebuilds that went on and were swapped", f"{swaps} of {kills}", swaps == kills)
    demand("documents that differ", f"{len(wrong)} {wrong[:2]}", not wrong)
    clean, text = data.check("packages")
    demand("check", text, clean)
    return demand


def settle(server, load):
    """Writes again what was under way at the kill: nobody knows whether it was done."""
    connection = server.connect()
    lines = []
    for key in load.unsure:
        state = load.packages.get(key)
        if state is None:
            lines.append({"_delete": key, "_version": load.next_version(key)})
        else:
            lines.append(load.document(key, state))
    load.unsure.clear()
    if lines:
        status, body = get(connection, "/v1/packages/documents", "POST", "\n".join(map(json.dumps, lines)), load.headers)
        if status != 200:
            load.problems.append(f"settling: {status} {body[:200]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--packages", required=True)
    parser.add_argument("--documents", type=int, default=0, help="at most so many; 0 for all")
    parser.add_argument("--updates", type=int, default=50)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--report", help="a file for the curve of times and memory")
    options = parser.parse_args()
    missed = []
    if options.searches:
        with tempfile.TemporaryDirectory() as folder:
            missed += prove_rebuilds(options, folder, Generator()).missed
    if options.kills:
        with tempfile.TemporaryDirectory() as folder:
            missed += prove_kills(options, folder).missed
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
