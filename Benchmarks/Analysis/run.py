#!/usr/bin/env python3
"""Compares how many megabytes a second Quire's and Lucene's analyzers cut on one thread.

    Benchmarks/Analysis/run.py --data DIR --lucene DIR [--java java] [--rounds 12] [--summaries FILE]

DIR of --data holds catalogues/ and scale/; DIR of --lucene holds jars/ (lucene-core, lucene-analysis-common) and, if the compiler
is older than they are, stubs/ to compile against. --summaries names a tab-separated file whose last column is a short text. Each
text is analysed --rounds times by each analyzer in a process of its own, in turn, three times over; the first third of the rounds
of each process warms up. What is printed is the median and the best of the rest.
"""

import argparse
import gzip
import itertools
import json
import os
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def members(path, *names):
    for line in gzip.open(path, "rt", encoding="utf-8"):
        document = json.loads(line)
        for name in names:
            if document.get(name):
                yield str(document[name])


def texts(options):
    """name → (language, lines)"""
    data = options.data
    yield "blurbs-en", "en", members(f"{data}/catalogues/en-books-full/books.jsonl.gz", "title", "description")
    if options.summaries:
        with open(options.summaries, encoding="utf-8", errors="replace") as source:
            yield "summaries-en", "en", [line.rstrip("\n").split("\t")[-1] for line in itertools.islice(source, 200_000)]
    yield "blurbs-zh", "zh", members(f"{data}/catalogues/zh-books-full/books.jsonl.gz", "title", "description")
    yield "titles-zh", "zh", members(f"{data}/catalogues/zh-books-douban/books.jsonl.gz", "title", "author")
    poems = next(f for f in sorted(os.listdir(f"{data}/scale/zhhant-poetry")) if f.endswith(".gz"))
    lines = members(f"{data}/scale/zhhant-poetry/{poems}", "text", "body", "title")
    yield "poems-zh", "zh", itertools.islice(lines, 60_000)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--lucene", required=True)
    parser.add_argument("--java", default="java")
    parser.add_argument("--summaries")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--only")
    options = parser.parse_args()
    swift = os.path.join(HERE, "../.build/release/AnalysisSpeed")
    with tempfile.TemporaryDirectory() as work:
        stubs = f"{options.lucene}/stubs"
        jars = stubs if os.path.isdir(stubs) else f"{options.lucene}/jars"
        subprocess.run(["javac", "-nowarn", "--release", "17", "-cp", f"{jars}/*", "-d", work, f"{HERE}/AnalysisSpeed.java"],
                       check=True)
        java = [options.java, "-XX:+UseSerialGC", "-cp", f"{options.lucene}/jars/*:{work}", "AnalysisSpeed"]
        runs = {"en": [("quire default", [swift], "default"), ("quire english", [swift], "english"),
                       ("lucene standard", java, "standard"), ("lucene english", java, "english")],
                "zh": [("quire default", [swift], "default"), ("quire characters", [swift], "characters"),
                       ("quire pinyin", [swift], "pinyin"), ("lucene standard", java, "standard"), ("lucene cjk", java, "cjk")]}
        print("| text | MB | analyzer | tokens | MB/s (median) | MB/s (best) |\n|---|---|---|---|---|---|")
        for name, language, lines in texts(options):
            if options.only and options.only != name:
                continue
            path = f"{work}/{name}"
            with open(path, "w", encoding="utf-8") as out:
                for line in lines:
                    out.write(" ".join(line.split()) + "\n")
            size = os.path.getsize(path) / 1e6
            times, tokens = {}, {}
            for _ in range(3):
                for label, command, analyzer in runs[language]:
                    out = subprocess.run(command + [analyzer, str(options.rounds), path], check=True, capture_output=True,
                                         text=True).stdout
                    rows = [tuple(map(int, row.split())) for row in out.splitlines()]
                    times.setdefault(label, []).extend(ns for ns, _ in rows[len(rows) // 3:])
                    tokens[label] = rows[0][1]
            for label, all_times in times.items():
                print(f"| {name} | {size:.1f} | {label} | {tokens[label]:,} | {size * 1e9 / statistics.median(all_times):.0f} "
                      f"| {size * 1e9 / min(all_times):.0f} |", flush=True)


if __name__ == "__main__":
    main()
