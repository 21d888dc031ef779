#!/usr/bin/env python3
"""Measures what damage to a query costs: nDCG@10 kept, in % of that of the clean queries, and the share of empty answers.

    Benchmarks/Typing/robustness.py --data DIR [--quire PATH] [--work DIR] [--sets SET]... [--only KIND]... [--list KIND]

DIR is a folder with judged/<set>/{docs.jsonl.gz,queries.tsv,qrels.tsv}, catalogues/ and scale/zh-cedict. Each query is changed once,
in a random word of five or more letters or in a random stretch of Chinese; queries with no place for a kind of change are left out
of its row, on both sides. zh-qbqtc is asked 500 of its queries. Hits count as they come, an empty answer counts 0.

--draws N changes each query N times, three by default: rows of few queries are uncertain. --list prints the queries that lost most by a kind.
--prefix-too compares prefix=last with prefix=none on the clean queries.
"""

import argparse
import collections
import json
import math
import os
import random
import re
import sys

from typed import EDITS, HAN, Quire, best_readings, edit, index, read_lines

SETS = {"zh-qbqtc": 500, "zh-book-titles": None, "en-crowdflower": None}
# How much of the clean nDCG is to be kept, in %.
GOALS = {"substitution": 96, "deletion": 95, "transposition": 97, "insertion": None, "first letter": 88, "blank removed": 93,
         "all blanks removed": 85, "word split": 90, "homophone": 94, "transposed characters": 95, "pinyin joined": 65,
         "pinyin spaced": 65, "initials": 50, "case": 100, "width": 100, "traditional": 100, "punctuation": 100}
TEXTS = ["title", "subtitle", "author", "publisher", "description", "text", "keywords", "categories", "tags"]
WORD = re.compile(r"[A-Za-z]{5,}")
STRETCH = re.compile(f"[{HAN}]{{2,}}")
BORDER = re.compile(f"(?<=[{HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{HAN}])|(?<=\\S)(?=\\s)|$")


def schema(files):
    """Each text as words and as characters; the title also as a whole, in pinyin and initials."""
    found = {}
    for path in files:
        for document in read_lines(path):
            for member in TEXTS:
                if document.get(member):
                    found[member] = found.get(member, False) or isinstance(document[member], list)
    fields = [{"name": "id", "type": "keyword"}]
    for member in [member for member in TEXTS if member in found]:
        more = {"from": member, "stored": False, **({"multiple": True} if found[member] else {})}
        fields.append({"name": member, "type": "text", "analyzer": "english", **more})
        for analyzer in ["characters"] + (["whole", "pinyin", "initials"] if member == "title" else []):
            fields.append({"name": f"{member}_{analyzer}", "type": "text", "analyzer": analyzer, **more})
        fields.append({"name": member + "_words", "type": "vocabulary", **more})
        if member == "title":
            fields.append({"name": "title_suggestions", "type": "suggestion", "kind": "title", **more})
    return {"key": "id", "unknown": "ignore", "fields": fields}


def documents(data, name):
    if name == "zh-book-titles":
        return [f"{data}/catalogues/zh-books-douban/{file}.jsonl.gz" for file in ("books", "titles")]
    return [f"{data}/judged/{name}/docs.jsonl.gz"]


def judged(data, name, seed):
    """The queries, sampled, and the grades of their documents."""
    lines = [line.rstrip("\n").split("\t", 1) for line in open(f"{data}/judged/{name}/queries.tsv", encoding="utf-8")]
    if SETS[name] and len(lines) > SETS[name]:
        lines = sorted(random.Random(seed).sample(sorted(lines), SETS[name]))
    grades = collections.defaultdict(dict)
    for line in open(f"{data}/judged/{name}/qrels.tsv", encoding="utf-8"):
        query, _, document, grade = line.split()
        grades[query][document] = int(grade)
    return dict(lines), grades


def ndcg(hits, grades):
    def gain(list_of_grades):
        return sum((2 ** grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(list_of_grades[:10]))

    ideal = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(hit, 0) for hit in hits]) / ideal if ideal else 0


# Damage: each function answers the changed query, or None where it has no place for the change.


def spans(pattern, text):
    return [found.span() for found in pattern.finditer(text)]


def in_word(kind, text, choice):
    """An edit of a random long word, not at its first letter."""
    places = spans(WORD, text)
    choice.shuffle(places)
    return next(filter(None, (edit(text, kind, range(start + 1, end), choice) for start, end in places)), None)


def at_first_letter(text, choice):
    places, kinds = spans(WORD, text), EDITS[:]
    if not places:
        return None
    start, end = choice.choice(places)
    choice.shuffle(kinds)
    return next(filter(None, (edit(text, kind, [start], choice) for kind in kinds)))


def blank_removed(text, choice):
    places = spans(re.compile(r"(?<=\S)\s+(?=\S)"), text)
    if places:
        start, end = choice.choice(places)
        return text[:start] + text[end:]


def all_blanks_removed(text, choice):
    joined = re.sub(r"\s+", "", text)
    return joined if joined != text.strip() else None


def word_split(text, choice):
    places = [(start, end) for start, end in spans(WORD, text) if end - start >= 6]
    if places:
        start, end = choice.choice(places)
        at = choice.randint(start + 2, end - 2)
        return text[:at] + " " + text[at:]


def transposed_characters(text, choice):
    places = [i for start, end in spans(STRETCH, text) for i in range(start, end - 1) if text[i] != text[i + 1]]
    if places:
        at = choice.choice(places)
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]


def widened(text, choice):
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def punctuated(text, choice):
    """A mark at a blank, between scripts or at the end, or the marks of a title around a Chinese query."""
    chinese = re.search(f"[{HAN}]", text)
    if chinese and choice.random() < .25:
        return f"《{text}》"
    at = choice.choice([start for start, _ in spans(BORDER, text)])
    return text[:at] + choice.choice("，！。？、" if chinese else ",!.?;") + text[at:]


class Chinese:
    """The kinds of damage that need readings, how frequent characters are, and traditional forms."""

    def __init__(self, data, files):
        self.readings = best_readings()
        counts = collections.Counter(c for path in files for d in read_lines(path) for c in d.get("title", ""))
        self.alike = collections.defaultdict(list)
        for character, count in counts.most_common(3500):
            if re.match(f"[{HAN}]", character):
                self.alike[self.readings.syllables(character)[0]].append((character, count))
        self.traditional, forms = {}, collections.defaultdict(collections.Counter)
        for entry in read_lines(f"{data}/scale/zh-cedict/entries.jsonl.gz"):
            word, other = entry["simplified"], entry["traditional"]
            if len(word) == len(other) <= 8:
                self.traditional.setdefault(word, other)
                for c, t in zip(word, other):
                    forms[c][t] += 1
        self.traditional |= {c: counts.most_common(1)[0][0] for c, counts in forms.items()}

    def homophone(self, text, choice):
        """One or two neighbouring characters become frequent others that sound the same."""
        places = []
        for start, end in spans(STRETCH, text):
            said = self.readings.syllables(text[start:end])
            others = [[o for o in self.alike[s] if o[0] != c] for s, c in zip(said, text[start:end])]
            places += [(start + i, others[i:i + n]) for n in (1, 2) for i in range(end - start - n + 1) if all(others[i:i + n])]
        if not places:
            return None
        size = choice.choice(sorted({len(others) for _, others in places}))
        at, others = choice.choice([place for place in places if len(place[1]) == size])
        return text[:at] + "".join(choice.choices(*zip(*some))[0] for some in others) + text[at + size:]

    def spelled(self, form):
        """The whole query in pinyin, if it is 2 to 12 Chinese characters and nothing else."""
        def spell(text, choice):
            said = self.readings.syllables(text) if re.fullmatch(f"[{HAN}]{{2,12}}", text) else [""]
            return form(said) if all(said) else None
        return spell

    def to_traditional(self, text, choice):
        """By the longest words of the dictionary; a character by itself as in most words."""
        done, at = "", 0
        while at < len(text):
            size = next((n for n in range(8, 0, -1) if text[at:at + n] in self.traditional), 1)
            word = text[at:at + size]
            done += self.traditional.get(word, word)
            at += size
        return done

    def kinds(self):
        return {**{kind: lambda text, choice, kind=kind: in_word(kind, text, choice) for kind in EDITS},
                "first letter": at_first_letter, "blank removed": blank_removed, "all blanks removed": all_blanks_removed,
                "word split": word_split, "homophone": self.homophone, "transposed characters": transposed_characters,
                "pinyin joined": self.spelled("".join), "pinyin spaced": self.spelled(" ".join),
                "initials": self.spelled(lambda said: "".join(s[0] for s in said)),
                "case": lambda text, choice: text.upper(), "width": widened, "traditional": self.to_traditional,
                "punctuation": punctuated}


# The tables


class JudgedSet:
    """A judged set in a catalogue of its own, and what its clean queries give."""

    def __init__(self, options, quire, name):
        self.options, self.quire, self.name = options, quire, name
        self.queries, self.grades = judged(options.data, name, options.seed)
        if options.limit:
            self.queries = dict(list(self.queries.items())[:options.limit])
        self.known = {}

    def ask(self, query, text, prefix="none"):
        """nDCG@10, and whether the answer is empty."""
        hits = [hit["id"] for hit in self.quire.hits(self.name, text, prefix, 10)]
        return ndcg(hits, self.grades[query]), not hits

    def clean(self, query):
        if query not in self.known:
            self.known[query] = self.ask(query, self.queries[query])[0]
        return self.known[query]

    def measure(self, kind, change):
        """One (clean, damaged, empty, query, changed query) for each query that has a place for the change."""
        rows = []
        for query, text in self.queries.items():
            for draw in range(self.options.draws):
                changed = change(text, random.Random(f"{self.options.seed} {self.name} {kind} {query} {draw}"))
                if changed and changed != text:
                    rows.append((self.clean(query), *self.ask(query, changed), text, changed))
        return rows


def figures(rows):
    """Mean clean and damaged nDCG, what is kept and what is empty in %."""
    clean, damaged, empty = (sum(row[i] for row in rows) / len(rows) for i in range(3))
    return clean, damaged, 100 * damaged / clean if clean else 0, 100 * empty


def measure_kind(sets, kind, change, list_it):
    """Prints the table of a kind; returns what is kept over all sets, weighted by n, what is empty, and n."""
    print(f"\n### {kind}\n\n| set | n | clean nDCG@10 | damaged | kept % | empty % |\n|---|---|---|---|---|---|")
    total, kept_of_all, empty_of_all = 0, 0, 0
    for one in sets:
        rows = one.measure(kind, change)
        if not rows:
            print(f"| {one.name} | 0 | - | - | - | - |")
            continue
        clean, damaged, kept, empty = figures(rows)
        print(f"| {one.name} | {len(rows)} | {clean:.4f} | {damaged:.4f} | {kept:.1f} | {empty:.1f} |", flush=True)
        total += len(rows)
        kept_of_all += kept * len(rows)
        empty_of_all += empty * len(rows)
        if list_it:
            lost = sorted((row for row in rows if row[1] < row[0]), key=lambda row: row[1] - row[0])
            for before, after, nothing, text, changed in lost[:list_it]:
                print(f"    {before:.3f} -> {after:.3f}{' empty' if nothing else ''}: {text} -> {changed}")
    return (kept_of_all / total, empty_of_all / total, total) if total else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="robustness-data")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--only", action="append", choices=list(GOALS))
    parser.add_argument("--list", action="append", choices=list(GOALS), default=[])
    parser.add_argument("--prefix-too", action="store_true")
    parser.add_argument("--show", action="store_true", help="print changed queries and ask nothing")
    parser.add_argument("--reindex", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    files = {name: documents(options.data, name) for name in options.sets}
    chinese = Chinese(options.data, [path for name in files if name.startswith("zh") for path in files[name]])
    kinds = {kind: change for kind, change in chinese.kinds().items() if kind in (options.only or options.list or GOALS)}
    print(f"Pinyin: {chinese.readings.name}. Seed {options.seed}, {options.draws} of each query.")
    if options.show:
        for name in options.sets:
            one = JudgedSet(options, None, name)
            for kind, change in kinds.items():
                one.clean, one.ask = lambda query: 0, lambda query, text: (0, False)
                rows = one.measure(kind, change)
                print(f"{name}, {kind}, {len(rows)}: " + "; ".join(f"{row[3]} -> {row[4]}" for row in rows[:12]))
        return
    for name in options.sets:
        index(options, name, files[name], schema(files[name]))
    quire = Quire(options, options.sets[0])
    try:
        sets = [JudgedSet(options, quire, name) for name in options.sets]
        if options.prefix_too:
            print("\n| set | n | prefix=none | prefix=last |\n|---|---|---|---|")
            for one in sets:
                means = [f"{sum(one.ask(q, t, prefix)[0] for q, t in one.queries.items()) / len(one.queries):.4f}"
                         for prefix in ("none", "last") if prefix == "none" or quire.knows_prefix]
                print(f"| {one.name} | {len(one.queries)} | {means[0]} | {means[1] if means[1:] else '-'} |", flush=True)
        summary = {kind: measure_kind(sets, kind, change, 20 * (kind in options.list)) for kind, change in kinds.items()}
    finally:
        quire.end()
    print("\n### All sets, weighted by n\n\n| kind | n | kept % | goal | beside it | empty % |\n|---|---|---|---|---|---|")
    for kind, result in summary.items():
        if result:
            kept, empty, n = result
            goal = GOALS[kind]
            beside = f"{goal} | {kept - goal:+.1f}" if goal else "- | -"
            print(f"| {kind} | {n} | {kept:.1f} | {beside} | {empty:.1f} |")


if __name__ == "__main__":
    main()
