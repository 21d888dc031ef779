#!/usr/bin/env python3
"""Facets, orders and patterns of terms beside Lucene, in one run: medians, ratios, and whether the answers are equal.

usage: run.py --packages LISTS --lucene TOOLS --work DIR [--rounds N]

LISTS holds npm.tsv and pypi.tsv; TOOLS a Java runtime and Lucene's jars (jre/, jars/, stubs/), as the peers' set-up leaves them.
Documents: a package each, its name and summary as words; three facets of few, some and many values, the last with several a
document; a number; a tenth to filter by. Each command is asked of both programs in turns, warm, one thread.
"""
import argparse
import collections
import os
import random
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../scripts"))
import package_lists  # noqa: E402: found by the line above

WORD = re.compile(r"[a-z0-9]+")


def documents(lists, out):
    """Writes the documents; answers the words by how many have them."""
    frequency = collections.Counter()
    with open(out, "w", encoding="utf8") as f:
        for number, (ecosystem, name, summary) in enumerate(package_lists.read(lists)):
            words = WORD.findall((name + " " + summary).lower())
            frequency.update(set(words))
            few = sorted({w for w in words if len(w) > 3})[:5]
            group = f"{ecosystem}-{len(words) % 7}"
            initial = (words or ["-"])[0][:1]
            size = (number * 2654435761) % 1_000_003
            f.write("\t".join([f"{ecosystem}:{name}", " ".join(words), group, initial, " ".join(few), str(size),
                               str(number * 40503 % 10)]) + "\n")
    return frequency


def commands(frequency):
    """Commands of each class."""
    r = random.Random(6)
    ranked = [w for w, _ in frequency.most_common(20000) if w.isalpha()]
    frequent, some = ranked[:40], ranked[40:2000]
    for field in ("ecosystem", "initial", "words"):
        yield f"FACET {field}, 1.1 M hits", [f"FACET\t{field}\t*"] * 5
    yield "FACETS, 1.1 M hits", ["FACETS\t*"] * 5
    for count, share in ((9, "1.0 M"), (5, "0.56 M")):
        tenths = [",".join(str((i + k) % 10) for k in range(count)) for i in range(5)]
        for field in ("ecosystem", "initial", "words"):
            yield f"FACET {field}, {share} hits", [f"TENTHS\t{field}\t{t}" for t in tenths]
        yield f"FACETS, {share} hits", [f"TENTHS\tecosystem,initial,words\t{t}" for t in tenths]
    yield "HISTOGRAM, 1.1 M hits", ["HISTOGRAM\t*"] * 5
    yield "HISTOGRAM, frequent words", [f"HISTOGRAM\t{w}" for w in frequent]
    yield "FACETS, frequent words", [f"FACETS\t{w}" for w in frequent]
    yield "FACETS, other words", [f"FACETS\t{w}" for w in r.sample(some, 60)]
    chosen = [f"\t{q}\tnpm-{i % 7}\t{c}\t{w}" for i, (q, c, w) in enumerate(
        zip(["*"] * 10 + frequent[:20], "acdeprstbmgacdeprstbmgacdeprst", [w for w in ranked if len(w) > 3]))]
    yield "FACETS, the same without filters", ["FACETS\t" + c.split("\t")[1] for c in chosen]
    yield "PLAIN, 3 filters", ["PLAIN" + c for c in chosen]
    yield "SIDEWAYS, 3 filters", ["SIDEWAYS" + c for c in chosen]
    yield "SORT, 10 % filter", [f"SORT\t*\t{i}" for i in range(10)] + [f"SORT\t{w}\t3" for w in frequent[:20]]
    starts = sorted({w[:k] for w in r.sample(ranked, 60) for k in (2, 3, 4)})
    for kind in ("COUNT", "TOP"):
        yield f"PREFIX_{kind}", [f"PREFIX_{kind}\t{s}" for s in r.sample(starts, 60)]
        patterns = [w[:2] + "*" + w[-2:] for w in r.sample(some, 30) if len(w) > 5]
        patterns += [w[:3] + "?" + w[4:] for w in r.sample(some, 30) if len(w) > 5]
        yield f"WILDCARD_{kind}", [f"WILDCARD_{kind}\t{p}" for p in patterns]
    for edits in (1, 2):
        words = [w for w in r.sample(ranked, 400) if 5 <= len(w) <= 12][:60]
        yield f"FUZZY{edits}_TOP", [f"FUZZY{edits}_TOP\t{w[:2] + w[3:] if i % 2 else w}" for i, w in enumerate(words)]


class Engine:
    def __init__(self, arguments):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer, time = self.process.stdout.readline().rstrip("\n").rsplit("\t", 1)
        return answer, int(time) / 1000


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--packages", required=True)
    p.add_argument("--lucene", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--rounds", type=int, default=10)
    p.add_argument("--only", default="", help="classes whose names begin like this")
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    driver = os.path.join(HERE, "..", ".build", "release", "ColumnDriver")
    if not os.path.exists(driver):
        sys.exit("build it first: swift build -c release --package-path Benchmarks --product ColumnDriver")
    classes = os.path.join(a.work, "classes")
    subprocess.run(["javac", "-nowarn", "--release", "17", "-cp", f"{a.lucene}/stubs/*", "-d", classes,
                    os.path.join(HERE, "ColumnRival.java")], check=True)
    java = [f"{a.lucene}/jre/bin/java", "-Xms2g", "-Xmx4g", "-XX:+UseParallelGC", "--add-modules", "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED", "-cp", f"{classes}:{a.lucene}/jars/*", "ColumnRival"]
    corpus = os.path.join(a.work, "documents.tsv")
    frequency = documents(a.packages, corpus)
    engines = {}
    for name, command in (("lucene", java), ("quire", [driver])):
        folder = os.path.join(a.work, name)
        if not os.path.exists(folder):
            with open(corpus, encoding="utf8") as f:
                subprocess.run(command + ["index", folder], stdin=f, check=True)
        engines[name] = Engine(command + ["query", folder])
    print("| class | Lucene, µs | Quire, µs | ratio | equal |\n|---|---|---|---|---|")
    for name, some in commands(frequency):
        if not name.startswith(a.only):
            continue
        best = {engine: [[] for _ in some] for engine in engines}
        answers = {}
        for round in range(a.rounds + 3):
            for engine, program in engines.items():
                for i, command in enumerate(some):
                    answers[engine, i], time = program.ask(command)
                    if round >= 3:
                        best[engine][i].append(time)
        mean = {e: statistics.mean(statistics.median(t) for t in times) for e, times in best.items()}
        equal = sum(answers["lucene", i] == answers["quire", i] for i in range(len(some)))
        print(f"| {name} | {mean['lucene']:.1f} | {mean['quire']:.1f} | {mean['quire'] / mean['lucene']:.2f} | "
              f"{equal} of {len(some)} |", flush=True)


main()
