#!/usr/bin/env python3
"""Measures the default ranking on judged query sets.

    Benchmarks/Relevance/run.py --data DIR [--quire PATH] [--work DIR] [--profile FILE]... [SET]...

DIR is a folder with judged/<set>/{docs.jsonl.gz,queries.tsv,qrels.tsv} and catalogues/. Each set becomes a catalogue whose schema
follows from the members its documents have, the same way for all sets: every text is a field of words and a field of
characters, the title one more as a whole. Sets of over 2,000 queries are asked a fixed 2,000 of them, those of BASELINES.md.

With no profile, the default is used. Each further one is measured beside it.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys

SETS = ["en-cacm", "en-cisi", "en-cranfield", "en-crowdflower", "xquad-en", "xquad-zh", "ja-jaquad", "zh-book-titles",
        "zh-cmrc2018", "zh-qbqtc", "zhhant-drcd"]
# The best rival of each set, and the plain reference (BASELINES.md).
BEST = {"en-cacm": .5153, "en-cisi": .3832, "en-cranfield": .3564, "en-crowdflower": .7248, "ja-jaquad": .8899,
        "xquad-en": .9742, "xquad-zh": .9689, "zh-book-titles": .9701, "zh-cmrc2018": .9880, "zh-qbqtc": .7961,
        "zhhant-drcd": .9516}
TEXTS = ["title", "subtitle", "author", "publisher", "description", "text", "keywords", "categories", "tags"]


def documents(data, name):
    if name == "zh-book-titles":
        folder = f"{data}/catalogues/zh-books-douban"
        return [f"{folder}/books.jsonl.gz", f"{folder}/titles.jsonl.gz"]
    return [f"{data}/judged/{name}/docs.jsonl.gz"]


def members(files):
    """Which members have text, and whether they are lists."""
    found = {}
    for path in files:
        for line in gzip.open(path, "rt", encoding="utf-8"):
            for member, value in json.loads(line).items():
                if member in TEXTS and value not in (None, "", []):
                    found[member] = found.get(member, False) or isinstance(value, list)
    return found


def schema(found):
    fields = [{"name": "id", "type": "keyword"}]
    for member in TEXTS:
        if member not in found:
            continue
        more = {"from": member, "stored": False, **({"multiple": True} if found[member] else {})}
        fields.append({"name": member, "type": "text", "analyzer": "english", **more})
        fields.append({"name": member + "_characters", "type": "text", "analyzer": "characters", **more})
        if member == "title":
            fields.append({"name": "title_whole", "type": "text", "analyzer": "whole", **more})
    return {"key": "id", "unknown": "ignore", "fields": fields}


def sample(source, target):
    queries = [line.rstrip("\n").split("\t", 1) for line in open(source, encoding="utf-8") if line.strip()]
    if len(queries) > 2000:
        queries = random.Random(20261122).sample(sorted(queries), 2000)
    with open(target, "w", encoding="utf-8") as out:
        for name, text in queries:
            out.write(f"{name}\t{text}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="relevance-data")
    parser.add_argument("--profile", action="append", default=[])
    parser.add_argument("--list", default="0")
    parser.add_argument("--reindex", action="store_true")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    print("| set | queries | best rival | nDCG@10 | MRR@10 | R@100 | S@1 | empty | found | p50 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in options.sets or SETS:
        files = documents(options.data, name)
        if options.reindex or not os.path.exists(f"{options.work}/{name}"):
            path = f"{options.work}/{name}.schema.json"
            json.dump(schema(members(files)), open(path, "w"))
            run = subprocess.run([options.quire, "index", *files, "--data", options.work, "--catalog", name, "--schema", path],
                                 capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stderr)
        queries = f"{options.work}/{name}.queries.tsv"
        sample(f"{options.data}/judged/{name}/queries.tsv", queries)
        for profile in [None] + options.profile:
            command = [options.quire, "eval", "--data", options.work, "--catalog", name, "--queries", queries,
                       "--judgments", f"{options.data}/judged/{name}/qrels.tsv"]
            if profile:
                rank = json.load(open(profile))
                weights = {m: rank.get("weights", {}).get(m, 3 if m == "title" else 1) for m in members(files)}
                path = f"{options.work}/{name}.profile.json"
                json.dump({"weights": weights, "ranking": rank.get("ranking", {})}, open(path, "w"))
                command += ["--profile", path]
            if options.list != "0":
                print(subprocess.run(command + ["--list", options.list], capture_output=True, text=True).stdout)
                continue
            run = subprocess.run(command + ["--json"], capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stderr)
            one = json.loads(run.stdout)["profiles"][0]
            m, ms = one["measures"], one["milliseconds"]
            print(f"| {name if not profile else profile.split('/')[-1]} | {one['queries']} | {BEST[name]:.4f} | {m['ndcg10']:.4f} "
                  f"({m['ndcg10'] - BEST[name]:+.4f}) | {m['mrr10']:.4f} | {m['recall100']:.4f} | {m['success1']:.4f} "
                  f"| {m['empty'] * 100:.1f} % | {one['medianFound']} | {ms['p50']:.2f} | {ms['p99']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
