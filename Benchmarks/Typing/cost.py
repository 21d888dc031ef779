#!/usr/bin/env python3
"""Measures what typing costs: the time of every keystroke, and the bytes and processor time of each feature.

    Benchmarks/Typing/cost.py --data DIR --packages LISTS [--quire PATH] [--work DIR] [--queries N]

DIR is a folder with catalogues/zh-books-douban and queries/, LISTS one with npm.tsv and pypi.tsv (1.1 million packages). Each
catalogue is indexed without the features, then with one more at a time: user and system time of `quire index`, and the bytes of the
index after it is merged to one segment. On the complete one every keystroke of N real queries is asked, one at a time: suggestions,
the search of the unfinished query and that of the finished one with three facets. Times are those that the replies report; that of
spelling is what a search of a misspelled query takes more with typo=auto than with typo=off, the search of the correction included.
"""

import argparse
import collections
import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import package_lists  # noqa: E402
from served import Server  # noqa: E402


def packages(lists):
    """Documents of packages. Popularity is made up: the lists have it for few of them."""
    for number, (ecosystem, name, summary) in enumerate(package_lists.read(lists)):
        yield {"id": f"{ecosystem}:{name}", "title": name, "text": summary, "ecosystem": ecosystem, "initial": name[:1].lower(),
               "weight": number * 2654435761 % 1_000_003}


def books(data):
    for name in ("books", "titles"):
        for line in gzip.open(f"{data}/catalogues/zh-books-douban/{name}.jsonl.gz", "rt", encoding="utf8"):
            book = json.loads(line)
            yield {"id": book["id"], "title": book["title"], "text": ", ".join(book.get("author", [])),
                   "ecosystem": book.get("publisher", ""), "initial": str(book.get("year", "")), "weight": book.get("rating_count", 0)}


def schema(name, features):
    fields = [{"name": "id", "type": "keyword"}, {"name": "ecosystem", "type": "keyword"}, {"name": "initial", "type": "keyword"},
              {"name": "weight", "type": "integer"}]
    for member in ("title", "text"):
        fields.append({"name": member, "type": "text", "analyzer": "english"})
        if "vocabulary" in features:
            fields.append({"name": member + "_words", "type": "vocabulary", "from": member})
        if "characters" in features:
            fields.append({"name": member + "_characters", "type": "text", "analyzer": "characters", "from": member})
    for analyzer in ("whole", "pinyin", "initials"):
        if analyzer in features:
            fields.append({"name": "title_" + analyzer, "type": "text", "analyzer": analyzer, "from": "title"})
    if "suggestions" in features:
        fields.append({"name": "title_suggestions", "type": "suggestion", "from": "title", "kind": "title", "weight": "weight"})
        if name == "books":
            fields.append({"name": "text_suggestions", "type": "suggestion", "from": "text", "kind": "author", "weight": "weight"})
    return {"key": "id", "fields": fields}


def index(options, name, features):
    """Indexes a catalogue's documents; its seconds of processor time and its bytes."""
    path = f"{options.work}/{name}.schema.json"
    with open(path, "w") as out:
        json.dump(schema(name, features), out)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([options.quire, "index", "--data", options.work, "--catalog", name, "--schema", path, "--merge-to", "1",
                           f"{options.work}/{name}.jsonl"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    folder = f"{options.work}/{name}/generations"
    bytes_ = sum(os.path.getsize(os.path.join(root, file)) for root, _, files in os.walk(folder) for file in files if file.endswith(".seg"))
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, bytes_


def percentiles(values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]  # noqa: E731
    return f"{at(.5):.2f} / {at(.99):.2f}"


def keystrokes(server, name, queries):
    """Times by what is asked, and for unfinished queries by the number of typed characters."""
    connection, times = server.connect(), collections.defaultdict(list)

    def ask(kind, what, **parameters):
        connection.request("GET", f"/v1/{name}/{kind}?" + urllib.parse.urlencode(parameters))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{parameters}: {answer.status} {body[:300]}")
        times[what].append(float(answer.headers["Server-Timing"].split("dur=")[1]))

    facets = {"facets": "ecosystem,initial,weight(by 100000)"}
    for query in queries[:20]:
        ask("search", "warm", q=query, **facets)
    for query in queries:
        for length in range(1, len(query) + 1):
            typed = query[:length]
            ask("suggest", "suggestions", q=typed)
            ask("search", f"prefix of {length if length < 6 else '6 or more'}", q=typed, prefix="last", **facets)
        ask("search", "finished", q=query, prefix="none", **facets)
        misspelled = query[:3] + query[4:] if len(query) > 5 else query + "x"
        ask("search", "misspelled", q=misspelled, prefix="none", facets="")
        ask("search", "misspelled, typo=off", q=misspelled, prefix="none", facets="", typo="off")
        times["spelling"].append(times["misspelled"][-1] - times["misspelled, typo=off"][-1])
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="typing-cost-data")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--only", choices=["packages", "books"])
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    os.makedirs(options.work)
    steps = ["characters", "whole", "pinyin", "initials", "vocabulary", "suggestions"]
    for name in [options.only] if options.only else ["packages", "books"]:
        documents = packages(options.packages) if name == "packages" else books(options.data)
        with open(f"{options.work}/{name}.jsonl", "w", encoding="utf8") as out:
            count = sum(out.write(json.dumps(document, ensure_ascii=False) + "\n") > 0 for document in documents)
        print(f"\n### {name}: {count:,} documents\n\n| feature | processor time, s | MB |\n|---|---|---|")
        base = index(options, name, [])
        print(f"| none | {base[0]:.1f} | {base[1] / 1e6:.1f} |", flush=True)
        for step in steps:
            one = index(options, name, [step])
            print(f"| {step} | {one[0] - base[0]:+.1f} | {(one[1] - base[1]) / 1e6:+.1f} |", flush=True)
        whole = index(options, name, steps)
        print(f"| all | {whole[0]:.1f} | {whole[1] / 1e6:.1f} |", flush=True)
        if name == "packages":
            lines = gzip.open(f"{options.data}/queries/en-search-benchmark-game.tsv.gz", "rt", encoding="utf8")
            queries = [" ".join(w.strip('+"') for w in line.split("\t")[1].split()) for line in lines]
        else:
            lines = gzip.open(f"{options.data}/queries/zh-ecom-books.tsv.gz", "rt", encoding="utf8")
            queries = [line.rstrip("\n").split("\t")[1] for line in lines]
        server = Server(options.quire, options.work, "--reply-cache", "0")
        try:
            times = keystrokes(server, name, queries[:options.queries])
        finally:
            server.end()
        print("\n| asked | n | p50 / p99 ms |\n|---|---|---|")
        for what in sorted(times):
            if what != "warm":
                print(f"| {what} | {len(times[what])} | {percentiles(times[what])} |", flush=True)


if __name__ == "__main__":
    main()
