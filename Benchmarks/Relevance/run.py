#!/usr/bin/env python3
"""Measures the default ranking on judged query sets.

    Benchmarks/Relevance/run.py --data DIR [--quire PATH] [--work DIR] [--profile FILE]... [--html DIR] [SET]...

DIR is a folder with judged/<set>/{docs.jsonl.gz,queries.tsv,qrels.tsv} and catalogues/. Each set becomes a catalogue whose schema
follows from the members its documents have, the same way for all sets: every text is a field of words, a field of
characters and a vocabulary, the title one more as a whole. Sets of over 2,000 queries are asked a fixed 2,000 of them, those of BASELINES.md.

The default profile is measured beside `plain`: one field of lower-cased words and pairs of characters, BM25 and nothing else, which
must give what the reference of BASELINES.md gives. Where rivals.py has left the best rival's ranking in the work folder, the default
profile is compared with it query by query: p of the paired randomisation test, and recall. Each --profile is measured beside them by
itself. --html writes a report for each set.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from runs import mean, measures, p_value, read_judgments, read_run  # noqa: E402

SETS = ["en-cacm", "en-cisi", "en-cranfield", "en-crowdflower", "xquad-en", "xquad-zh", "ja-jaquad", "zh-book-titles",
        "zh-cmrc2018", "zh-qbqtc", "zhhant-drcd"]
# The best rival of each set, and the plain reference (BASELINES.md).
BEST = {"en-cacm": .5153, "en-cisi": .3832, "en-cranfield": .3564, "en-crowdflower": .7248, "ja-jaquad": .8899,
        "xquad-en": .9742, "xquad-zh": .9689, "zh-book-titles": .9701, "zh-cmrc2018": .9880, "zh-qbqtc": .7961,
        "zhhant-drcd": .9516}
REFERENCE = {"en-cacm": .4605, "en-cisi": .3361, "en-cranfield": .3105, "en-crowdflower": .6942, "ja-jaquad": .8884,
             "xquad-en": .9665, "xquad-zh": .9687, "zh-book-titles": .8703, "zh-cmrc2018": .9800, "zh-qbqtc": .7761,
             "zhhant-drcd": .9512}
PLAIN = {"weights": {"text": 1}, "ranking": {"characters": 0, "phrase": 0, "whole": 0, "dropsStopWords": False, "cuts": False,
                                             "request": 1, "stem": 1, "named": 0, "volume": 0,
                                             "corrects": False}}
PLAIN_SCHEMA = {"key": "id", "fields": [{"name": "id", "type": "keyword"},
                                        {"name": "text", "type": "text", "analyzer": "peers", "stored": False}]}
NUMBERS = {"rating": "float", "rating_count": "integer", "sales": "integer", "stock": "integer"}
TEXTS = ["title", "subtitle", "author", "publisher", "description", "text", "keywords", "categories", "tags"]


def documents(data, name):
    if name == "zh-book-titles":
        folder = f"{data}/catalogues/zh-books-douban"
        return [f"{folder}/books.jsonl.gz", f"{folder}/titles.jsonl.gz"]
    return [f"{data}/judged/{name}/docs.jsonl.gz"]


def members(files):
    """Which members have text, and whether they are lists; which have numbers that say how much a document is wanted."""
    found = {}
    for path in files:
        for line in gzip.open(path, "rt", encoding="utf-8"):
            for member, value in json.loads(line).items():
                if member in TEXTS + list(NUMBERS) and value not in (None, "", []):
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
        fields.append({"name": member + "_words", "type": "vocabulary", **more})
        if member == "title":
            fields.append({"name": "title_whole", "type": "text", "analyzer": "whole", **more})
    fields += [{"name": member, "type": kind} for member, kind in NUMBERS.items() if member in found]
    return {"key": "id", "unknown": "ignore", "fields": fields}


def sample(source, target):
    queries = [line.rstrip("\n").split("\t", 1) for line in open(source, encoding="utf-8") if line.strip()]
    if len(queries) > 2000:
        queries = random.Random(20261122).sample(sorted(queries), 2000)
    with open(target, "w", encoding="utf-8") as out:
        for name, text in queries:
            out.write(f"{name}\t{text}\n")


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def index(options, name, files, scheme, *more):
    path = f"{options.work}/{name}.schema.json"
    with open(path, "w") as out:
        json.dump(scheme, out)
    run([options.quire, "index", *files, "--data", options.work, "--catalog", name, "--schema", path, *more])


def index_both(options, name):
    """The set as a shop has it, and all its text in one field."""
    files = documents(options.data, name)
    index(options, name, files, schema(members(files)))
    plain = f"{options.work}/{name}.plain.jsonl"
    with open(plain, "w", encoding="utf-8") as out:
        for path in files:
            for line in gzip.open(path, "rt", encoding="utf-8"):
                document = json.loads(line)
                values = [document[member] for member in TEXTS if document.get(member)]
                text = "\n".join(" ".join(value) if isinstance(value, list) else value for value in values)
                out.write(json.dumps({"id": document["id"], "text": text}, ensure_ascii=False) + "\n")
    profile = f"{options.work}/plain.profile.json"
    with open(profile, "w") as out:
        json.dump(PLAIN, out)
    index(options, name + "-plain", [plain], PLAIN_SCHEMA, "--profile", profile)
    os.remove(plain)


def row(label, one, bar, more="| "):
    m, ms = one["measures"], one["milliseconds"]
    print(f"| {label} | {one['queries']} | {bar:.4f} | {m['ndcg10']:.4f} ({m['ndcg10'] - bar:+.4f}) | {m['mrr10']:.4f} "
          f"| {m['recall100']:.4f} | {m['success1']:.4f} | {m['success3']:.4f} | {m['empty'] * 100:.1f} % | {one['medianFound']} "
          f"| {ms['p50']:.2f} | {ms['p99']:.2f} | {more} |", flush=True)


def beside_rival(options, name, queries):
    """The default profile's differences from the best rival, query by query: nDCG@10 and recall@100; None without its run."""
    rival = f"{options.work}/{name}.rival.run"
    if not os.path.exists(rival):
        return None
    judgments = read_judgments(f"{options.data}/judged/{name}/qrels.tsv")
    names = [line.split("\t", 1)[0] for line in open(queries, encoding="utf-8")]
    ours, theirs = (measures(read_run(path), judgments, names) for path in (f"{options.work}/{name}.run", rival))
    return [tuple(a - b for a, b in zip(ours[query], theirs[query])) for query in ours]


def against_rival(differences):
    """Says how the default profile does beside the rival."""
    if not differences:
        return ""
    gains = [gain for gain, _ in differences]
    better, worse = sum(gain > 1e-9 for gain in gains), sum(gain < -1e-9 for gain in gains)
    return f"{mean(gains):+.4f}, p {p_value(gains):.4f}, {better} : {worse}; R@100 {mean([r for _, r in differences]):+.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="relevance-data")
    parser.add_argument("--profile", action="append", default=[])
    parser.add_argument("--html")
    parser.add_argument("--list", type=int, default=0)
    parser.add_argument("--reindex", action="store_true")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    for folder in filter(None, [options.work, options.html]):
        os.makedirs(folder, exist_ok=True)
    print("| set | queries | bar | nDCG@10 (beside the bar) | MRR@10 | R@100 | S@1 | S@3 | empty | found | p50 ms | p99 ms "
          "| against plain | against the rival |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    rivals = {}
    for name in options.sets or SETS:
        if options.reindex or not os.path.exists(f"{options.work}/{name}-plain"):
            index_both(options, name)
        queries = f"{options.work}/{name}.queries.tsv"
        sample(f"{options.data}/judged/{name}/queries.tsv", queries)
        command = [options.quire, "eval", "--data", options.work, "--catalog", name, "--queries", queries,
                   "--judgments", f"{options.data}/judged/{name}/qrels.tsv"]
        against = ["--against-catalog", name + "-plain"]
        if options.list:
            print(run(command + against + ["--list", str(options.list)]))
            continue
        html = ["--html", f"{options.html}/{name}.html"] if options.html else []
        report = json.loads(run(command + against + html + ["--json", "--run", f"{options.work}/{name}.run"]))
        default, plain = report["profiles"]
        rivals[name] = beside_rival(options, name, queries)
        row(name, default, BEST[name], f"{report['difference']:+.4f}, p {report['p']:.4f}, {report['wins']} : {report['losses']} "
            f"| {against_rival(rivals[name])}")
        row("plain", plain, REFERENCE[name])
        for profile in options.profile:
            rank = json.load(open(profile))
            found = members(documents(options.data, name))
            weights = {m: rank.get("weights", {}).get(m, 4 if m == "title" else 1) for m in found if m in TEXTS}
            path = f"{options.work}/{name}.profile.json"
            more = {"popularity": rank["popularity"]} if "popularity" in rank else {}
            json.dump({"weights": weights, "ranking": rank.get("ranking", {}), **more}, open(path, "w"))
            row(os.path.basename(profile), json.loads(run(command + ["--profile", path, "--json"]))["profiles"][0], BEST[name])
    compared = {name: differences for name, differences in rivals.items() if differences}
    if compared:
        gains = [mean([gain for gain, _ in differences]) for differences in compared.values()]
        reached = sum(mean([r for _, r in differences]) > -1e-9 for differences in compared.values())
        print(f"\nBeside the best rival of {len(compared)} sets: nDCG@10 {mean(gains):+.4f} on average; recall@100 reached on {reached}.")


if __name__ == "__main__":
    main()
