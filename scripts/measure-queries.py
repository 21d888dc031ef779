#!/usr/bin/env python3
"""What requests cost: milliseconds and anonymous memory of a server, class by class, the dearest requests that are legal among them.

    scripts/measure-queries.py --quire PATH --packages LISTS [--time-limit 5]

LISTS holds npm.tsv and pypi.tsv (1.1 million packages). They are indexed with each name as a keyword of its own, so that facets, groups
and ranges have as many values as documents. Each class is asked of a server that has just started; memory is looked at all the time.
Ends with 1 when a request is neither answered nor refused, takes longer than the server's limit allows, or needs more than a hundred
megabytes and eight bytes a document.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import package_lists
from served import Server, get

SCHEMA = {"key": "id", "unknown": "ignore", "fields": [
    {"name": "id", "type": "keyword"}, {"name": "name", "type": "text"}, {"name": "package", "type": "keyword", "from": "name"},
    {"name": "summary", "type": "text", "analyzer": "english"}, {"name": "words", "type": "keyword", "multiple": True},
    {"name": "ecosystem", "type": "keyword"}, {"name": "size", "type": "integer"}, {"name": "price", "type": "price", "currency": "USD"}]}


def documents(lists):
    for number, (ecosystem, name, summary) in enumerate(package_lists.read(lists)):
        yield {"id": f"{ecosystem}:{name}", "name": name, "summary": summary, "ecosystem": ecosystem,
               "words": sorted(set(summary.split()))[:6], "size": number * 2654435761 % 1_000_003,
               "price": number * 40503 % 100_000 / 100}


def classes():
    """Names of classes with their requests."""
    r = random.Random(8)
    words = "data client python library api server react test simple framework a the for".split()
    letters = "abcdefghijklmnopqrstuvwxyz"
    long = [" ".join("".join(r.choices(letters, k=7)) for _ in range(120))[:1000] for _ in range(5)]
    nest = "size:>5"
    for _ in range(18):
        nest = f"({nest} && ecosystem:=npm || price:<9)"
    yield "words", [{"q": w} for w in words] + [{"q": f"{a} {b}"} for a, b in zip(words, words[1:])]
    yield "browsing", [{"sort": s} for s in ("size:desc", "package", "words:desc,size", "price,package:desc")]
    yield "facets of everything", [{"facets": "ecosystem,words,package,size,price(by 1)"}] * 3
    yield "facets of words", [{"q": w, "facets": "ecosystem,words,package,size,price(by 1)"} for w in words]
    yield "20 facets of a million values", [
        {"q": q, "facets": ", ".join(f"package(a-z; size {n + 1})" for n in range(20))} for q in ("", "python")]
    yield "distinct values", [{"facets": "package(distinct), words(distinct)", "q": q} for q in ("", "library")]
    yield "facets without their own filter", [
        {"filter": "words:=[for, a, the] && ecosystem:=npm && size:..500000", "facets": "words, ecosystem, size(by 1000), package"}] * 3
    yield "groups", [{"collapse": c, "q": q, "per_page": 100} for c in ("words", "package") for q in ("", "python")]
    yield "ranges of keywords", [{"filter": f"package:{a}..{b}"} for a, b in (("a", "b"), ("a", "z"), ("0", "zz"))]
    yield "many ranges", [{"filter": " || ".join(f"package:{a}..{b}" for a, b in zip(letters * 4, (letters * 4)[1:]) if a < b)[:7900]
                           .rsplit(" || ", 1)[0]}]
    yield "conditions inside each other", [{"filter": nest}]
    yield "excluded ranges", [{"filter": "!(package:a..b)"}, {"filter": "!(package:..zz)"}]
    yield "unknown words", [{"q": q} for q in long]
    yield "one letter", [{"q": c * 1000} for c in "a的(\"*-"]
    yield "sentences, explained", [{"q": " ".join(words * 9)[:900], "explain": "true", "per_page": 100}]
    yield "deep pages", [{"q": w, "page": 100, "per_page": 100} for w in words[:4]] + [{"page": 100, "per_page": 100, "sort": "package"}]
    yield "in a millisecond", [{"q": w, "facets": "words,package", "timeout_ms": 1} for w in words]


class Watch:
    """The greatest anonymous memory of a server while it is watched."""

    def __init__(self, server):
        self.server, self.most, self.ends = server, 0.0, False
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.ends:
            self.most = max(self.most, self.server.anonymous())
            time.sleep(.001)

    def end(self):
        self.ends = True
        self.thread.join()
        return self.most


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--time-limit", type=float, default=5, help="seconds a search may take")
    a = parser.parse_args()
    quire = os.path.abspath(a.quire)
    right = True
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/schema.json", "w", encoding="utf8") as f:
            json.dump(SCHEMA, f)
        load = subprocess.Popen([quire, "index", "--data", folder, "--catalog", "packages", "--memory", "64", "--schema",
                                 folder + "/schema.json", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        count = 0
        for document in documents(a.packages):
            load.stdin.write(json.dumps(document) + "\n")
            count += 1
        load.stdin.close()
        if load.wait():
            sys.exit("the packages could not be indexed")
        most_allowed = 100 + count * 8 / 1e6
        print(f"{count:,} documents; a search may take {a.time_limit} s and {most_allowed:.0f} MB\n\n"
              "| class | requests | median, ms | greatest, ms | partial | refused | memory, MB |\n|---|---|---|---|---|---|---|")
        for name, requests in classes():
            server = Server(quire, folder, "--search-timeout", str(a.time_limit), "--reply-cache", "0")
            try:
                connection = server.connect()
                get(connection, "/v1/packages/search?q=warm")
                before, watch, times, partial, refused = server.anonymous(), Watch(server), [], 0, 0
                for request in requests:
                    started = time.monotonic()
                    status, body = get(connection, "/v1/packages/search?" + urllib.parse.urlencode(request))
                    times.append((time.monotonic() - started) * 1000)
                    if status == 200:
                        partial += json.loads(body)["partial"]
                    elif 400 <= status < 500:
                        refused += 1
                    else:
                        right = False
                        print(f"{status} for {request}: {body[:300]}")
                memory = watch.end() - before
            finally:
                server.end()
            print(f"| {name} | {len(requests)} | {statistics.median(times):.1f} | {max(times):.1f} | {partial} | {refused} | {memory:.0f} |",
                  flush=True)
            if max(times) > a.time_limit * 1000 + 500 or memory > most_allowed:
                right = False
    sys.exit(0 if right else 1)


main()
