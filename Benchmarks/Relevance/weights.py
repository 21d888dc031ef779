#!/usr/bin/env python3
"""Chooses the weights of the default ranking by all judged sets, and says how they do on a set that had no say.

    Benchmarks/Relevance/weights.py --data DIR [--quire PATH] [--work DIR] [--queries N] [--rounds N] [SET]...

The catalogues are those of run.py, in the same work folder. Starting from the default profile, one option after the other takes the
value of its grid with the greatest mean nDCG@10 over the sets; each set counts the same. For each set this is done once more without
it (leave one set out): the gain there is what the choice is worth for queries that nobody tuned to. All evaluations are kept in
WORK/weights.json, so that a second run only adds what is new. Sets of more than N queries are asked a fixed N of them.
"""

import argparse
import hashlib
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import SETS, TEXTS, documents, index_both, members, run  # noqa: E402

# The options of the ranking that are chosen, with the values that are tried; null is the default.
GRID = {
    "b": [0.4, 0.55, 0.65, 0.75], "k1": [0.9, 1.2, 1.6], "title": [3, 4, 5], "characters": [0.6, 0.8, 1.0, 1.3],
    "phrase": [0.05, 0.1, 0.2], "whole": [0.15, 0.3, 0.5], "named": [0.5, 1, 1.5], "volume": [0.3, 0.6],
    "request": [0, 0.2, 0.5, 1], "stem": [0.5, 0.75, 1],
}


class Evaluations:
    """The nDCG@10 of profiles on sets, measured once each."""

    def __init__(self, options):
        self.options = options
        self.path = f"{options.work}/weights.json"
        self.known = json.load(open(self.path)) if os.path.exists(self.path) else {}
        self.build = hashlib.sha256(open(options.quire, "rb").read()).hexdigest()[:12]

    def queries(self, name):
        path = f"{self.options.work}/{name}.weights.tsv"
        lines = [line for line in open(f"{self.options.data}/judged/{name}/queries.tsv", encoding="utf-8") if line.strip()]
        if len(lines) > self.options.queries:
            lines = random.Random(20261122).sample(sorted(lines), self.options.queries)
        open(path, "w", encoding="utf-8").writelines(lines)
        return path

    def ndcg(self, choice, name):
        key = json.dumps([self.build, self.options.queries, name, sorted(choice.items())])
        if key not in self.known:
            title = choice.get("title", 4)
            found = members(documents(self.options.data, name))
            profile = {"weights": {m: title if m == "title" else 1 for m in found if m in TEXTS},
                       "ranking": {o: v for o, v in choice.items() if o != "title"}}
            path = f"{self.options.work}/{name}.weights.json"
            json.dump(profile, open(path, "w"))
            report = json.loads(run([
                self.options.quire, "eval", "--data", self.options.work, "--catalog", name, "--queries", self.queries(name),
                "--judgments", f"{self.options.data}/judged/{name}/qrels.tsv", "--profile", path, "--json", "--list", "0"]))
            self.known[key] = report["profiles"][0]["measures"]["ndcg10"]
            json.dump(self.known, open(self.path, "w"))
        return self.known[key]

    def mean(self, choice, sets):
        return sum(self.ndcg(choice, name) for name in sets) / len(sets)


def choose(evaluations, sets, rounds):
    """Coordinate ascent from the default, which is {}."""
    choice, best = {}, evaluations.mean({}, sets)
    for _ in range(rounds):
        before = best
        for option, values in GRID.items():
            for value in values:
                other = {**choice, option: value}
                mean = evaluations.mean(other, sets)
                if mean > best + 2e-4:
                    choice, best = other, mean
        if best == before:
            break
    return choice, best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="relevance-data")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--options", action="store_true", help="only print what each value of each option changes, by set")
    parser.add_argument("--only", action="append", help="options to try", choices=list(GRID))
    parser.add_argument("--reindex", action="store_true")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    sets = options.sets or SETS
    for name in sets:
        if options.reindex or not os.path.exists(f"{options.work}/{name}"):
            index_both(options, name)
    for option in list(GRID):
        if options.only and option not in options.only:
            del GRID[option]
    evaluations = Evaluations(options)
    if options.options:
        print(f"| option | value | mean | {' | '.join(sets)} |\n|{'---|' * (len(sets) + 3)}", flush=True)
        print("| default | | " + f"{evaluations.mean({}, sets):.4f} | " + " | ".join(
            f"{evaluations.ndcg({}, name):.4f}" for name in sets) + " |", flush=True)
        for option, values in GRID.items():
            for value in values:
                changes = [evaluations.ndcg({option: value}, name) - evaluations.ndcg({}, name) for name in sets]
                cells = " | ".join(f"{change:+.4f}" for change in changes)
                print(f"| {option} | {value} | {sum(changes) / len(sets):+.4f} | {cells} |", flush=True)
        return
    choice, best = choose(evaluations, sets, options.rounds)
    start = evaluations.mean({}, sets)
    print(f"All {len(sets)} sets: {start:.4f} → {best:.4f} by {json.dumps(choice)}\n", flush=True)
    print("| set left out | default | chosen without it | gain | chosen |\n|---|---|---|---|---|", flush=True)
    gains = []
    for name in sets:
        chosen, _ = choose(evaluations, [other for other in sets if other != name], options.rounds)
        before, after = evaluations.ndcg({}, name), evaluations.ndcg(chosen, name)
        gains.append(after - before)
        print(f"| {name} | {before:.4f} | {after:.4f} | {after - before:+.4f} | {json.dumps(chosen)} |", flush=True)
    print(f"| mean | | | {sum(gains) / len(gains):+.4f} | |", flush=True)


if __name__ == "__main__":
    main()
