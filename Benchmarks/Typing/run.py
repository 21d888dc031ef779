#!/usr/bin/env python3
"""Measures what is found while someone is still typing: Success@3 of suggestions and of searches.

    Benchmarks/Typing/run.py --data DIR [--quire PATH] [--work DIR] [--typesense PATH] [--only COLUMN]... [--misses FILE]

DIR is a folder with catalogues/zh-books-douban and catalogues/en-goodbooks10k. Of each, titles are typed: their first k letters, as
written, in pinyin, without the article, with a mistake, from their second word on, or the first letters of the author. Each row has
the 200 titles with the most votes, or 200 random ones, of those that are longer than what is typed. A title counts as found when any
edition of it (brackets, punctuation, case and leading article set aside) is one of the first three suggestions and of the kind title,
or one of the first three hits of a search with prefix=last; an author likewise, or by a book among the hits.

oracle: the three titles with the most votes that begin so. No engine that ranks beginnings by votes can find more.
typesense: its server, if given, with the same titles, authors and votes, ordered by match, then votes.

The pinyin of a title is that of the package pypinyin where it is installed, otherwise of the analyzer's tables.
"""

import argparse
import collections
import functools
import os
import random
import re
import sys
import urllib.parse

from typed import (EDITS, HAN, PROJECT, Quire, best_readings, edit, edition, folded, index, read_lines, run, spoken, without_article,
                   without_brackets)

sys.path.insert(0, PROJECT + "/Benchmarks")
from typesense import Typesense  # noqa: E402

COLUMNS = ["oracle", "suggest", "search", "typesense"]
FILES = {"zh-books-douban": ["books", "titles"], "en-goodbooks10k": ["books"]}
STOP_WORDS = set("about after also and are but for from have her his into its not off our over than that the their them "
                 "then this upon was were what when where which who will with you your book novel volume vol".split())
ROLES = re.compile(r"\s+(?:等|著|编|編|主编|編著|编著|编绘|原著|改编|文|图|圖|绘|繪|绘著|注释|译注|撰|辑|口述|作品)+\.?$")


def schema(catalog):
    """The schema of a catalogue, as a shop would write it."""
    text = [{"name": "title", "type": "text", "analyzer": "english"}]
    analyzers = ["characters", "whole"] + (["pinyin", "initials"] if catalog.startswith("zh") else [])
    for analyzer in analyzers:
        text.append({"name": "title_" + analyzer, "type": "text", "analyzer": analyzer, "from": "title", "stored": False})
    text.append({"name": "author_text", "type": "text", "analyzer": "english", "from": "author", "multiple": True, "stored": False})
    if catalog.startswith("zh"):
        rest = [{"name": "publisher", "type": "keyword"}, {"name": "price", "type": "float"},
                {"name": "categories", "type": "keyword", "multiple": True}]
    else:
        rest = [{"name": "series", "type": "keyword"}, {"name": "language", "type": "keyword"}]
    vocabulary = [{"name": member + "_words", "type": "vocabulary", "from": member, **({"multiple": True} if member == "author" else {})}
                  for member in ("title", "author")]
    suggestions = [{"name": member + "_suggestions", "type": "suggestion", "from": member, "kind": member, "weight": "rating_count",
                    **({"multiple": True} if member == "author" else {})} for member in ("title", "author")]
    return {"key": "id", "unknown": "ignore", "fields": [
        {"name": "id", "type": "keyword"}, *text, *vocabulary, *suggestions, {"name": "author", "type": "keyword", "multiple": True}, *rest,
        {"name": "year", "type": "integer"}, {"name": "rating", "type": "float"}, {"name": "rating_count", "type": "integer"}]}


def profile(catalog):
    """The profile of a catalogue; None is the default one."""
    return None


# What there is to type


class Title:
    """All editions of one title: how they are written, the most votes of one, and the author of that one."""

    def __init__(self, key):
        self.key, self.votes, self.shown, self.author, self.forms = key, -1, "", "", set()

    def add(self, shown, votes, author):
        self.forms.add(shown)
        if votes > self.votes:
            self.votes, self.shown = votes, shown
            self.author = author or self.author
        self.author = self.author or author


def author_name(name):
    """An author's name without country, foreign spelling and role."""
    return ROLES.sub("", without_brackets(name)).strip()


def read(data, catalog):
    """The distinct titles, those with the most votes first."""
    titles = {}
    for file in FILES[catalog]:
        for document in read_lines(f"{data}/catalogues/{catalog}/{file}.jsonl.gz"):
            shown = document["title"].strip()
            if catalog.startswith("zh") and not re.search(f"[{HAN}]", shown):
                continue
            if catalog.startswith("en"):
                shown = without_brackets(shown)
            key = edition(shown)
            author = author_name((document.get("author") or [""])[0])
            titles.setdefault(key, Title(key)).add(shown, document.get("rating_count") or 0, author)
    return sorted(titles.values(), key=lambda t: (-t.votes, t.key))


class Oracle:
    """The three titles with the most votes for each beginning."""

    def __init__(self, titles, forms, sizes):
        self.first = collections.defaultdict(list)
        for title in titles:
            for start in {form[:size] for form in map(folded, forms(title)) for size in sizes if len(form) >= size}:
                best = self.first[start]
                if len(best) < 3:
                    best.append(title.key)

    def __call__(self, text):
        return self.first.get(folded(text), [])


def misspelled(title, seed):
    """The first six letters of a title typed with one mistake."""
    text, choice = without_article(title.shown), random.Random(f"{seed} {title.key}")
    for _ in range(20):
        wrong = edit(text, choice.choice(EDITS), range(6), choice)
        if wrong and folded(wrong[:6]) != folded(text[:6]):
            return wrong[:6]


def second_word(title):
    words = re.findall(r"[^\W\d_]+", without_article(title.shown).replace("'", "").replace("’", ""))
    return next((w[:4] for w in words[1:] if len(w) >= 4 and w.lower() not in STOP_WORDS), None)


def last_name(name):
    parts = [p for p in re.split(r"[\s,]+", name) if p.lower().strip(".") not in ("jr", "sr", "ii", "iii", "phd", "")]
    return parts[-1] if parts else ""


def ways(catalog, titles, readings, seed):
    """The ways of typing: (name, k, what is typed of a title or None, the oracle or None)."""
    def start(form, size):
        return lambda t: form(t)[:size] if len(form(t)) > size else None

    oracle = Oracle(titles, lambda t: t.forms, [2, 3, 4, 6])
    for k in (2, 3, 4, 6):
        yield "as written", k, start(lambda t: t.shown, k), oracle
    if catalog.startswith("zh"):
        # Pinyin (0) and initials (1) of a title, and how many letters at their beginning are Chinese (2, 3).
        say = functools.cache(lambda shown: spoken(readings, without_brackets(shown)))
        for name, part, sizes in (("pinyin", 0, (4, 6, 8)), ("initials", 1, (2, 3, 4))):
            oracle = Oracle(titles, lambda t: [say(form)[part] for form in t.forms if say(form)[part + 2]], sizes)
            for k in sizes:
                # What is typed must be Chinese: 1984 has no pinyin.
                yield name, k, lambda t, part=part, k=k: say(t.shown)[part][:k] if say(t.shown)[part + 2] > k else None, oracle
        for k in (2, 3):
            yield "author", k, lambda t, k=k: t.author[:k] if re.match(f"[{HAN}]{{{k}}}", t.author) else None, None
    else:
        oracle = Oracle(titles, lambda t: map(without_article, t.forms), [2, 3, 4, 6])
        for k in (2, 3, 4, 6):
            yield "without article", k, start(lambda t: without_article(t.shown), k), oracle
        yield "one mistake", 6, lambda t: misspelled(t, seed) if len(without_article(t.shown)) > 6 else None, None
        yield "second word", 4, second_word, None
        yield "author", 4, lambda t: last_name(t.author)[:4], None


# Who is asked


def suggest(quire, catalog, text, kind):
    found = quire.suggestions(catalog, text)[:3]
    return [[s["text"]] if s["kind"] == kind else [] for s in found], [f"{s['text']} ({s['kind']})" for s in found]


def members(documents, kind):
    """The titles or the authors of hits, and how a hit is shown."""
    values = [d.get(kind) or [] for d in documents]
    return [v if isinstance(v, list) else [v] for v in values], [d.get("title", "") for d in documents]


class Titles(Typesense):
    """A Typesense server with the same titles, authors and votes."""

    def fill_with(self, data, catalog):
        if self.has(catalog):
            return
        locale = {"locale": "zh"} if catalog.startswith("zh") else {}
        fields = [{"name": "title", "type": "string", **locale}, {"name": "author", "type": "string[]", **locale},
                  {"name": "rating_count", "type": "int32"}]
        self.fill(catalog, fields, "rating_count", (
            {"id": d["id"], "title": d["title"], "author": d.get("author") or [], "rating_count": d.get("rating_count") or 0}
            for file in FILES[catalog] for d in read_lines(f"{data}/catalogues/{catalog}/{file}.jsonl.gz")))

    def documents(self, catalog, text):
        query = urllib.parse.urlencode({"q": text, "query_by": "title,author", "prefix": "true", "per_page": 3,
                                        "sort_by": "_text_match:desc,rating_count:desc"})
        return [hit["document"] for hit in self.ask("GET", f"/collections/{catalog}/documents/search?{query}").get("hits", [])]


# The table


def askers(options, catalog, quire, typesense):
    """For each column but the oracle, a function of text and kind: the names at each rank, and how they are shown."""
    asked = {}
    if quire and quire.suggests and "suggest" in options.only:
        asked["suggest"] = lambda text, kind: suggest(quire, catalog, text, kind)
    if quire and "search" in options.only:
        asked["search"] = lambda text, kind: members([h["document"] for h in quire.hits(catalog, text, "last", 3)], kind)
    if typesense:
        asked["typesense"] = lambda text, kind: members(typesense.documents(catalog, text), kind)
    return asked


def measure(options, catalog, titles, readings, asked, misses):
    shuffled = random.Random(options.seed).sample(titles, len(titles))
    for name, k, typed, oracle in ways(catalog, titles, readings, options.seed):
        kind = "author" if name == "author" else "title"
        key = (lambda text: edition(author_name(text))) if kind == "author" else edition
        for sample, chosen in (("most voted", titles), ("random", shuffled)):
            # What is looked for with what is typed; two books of one author are one case.
            cases = {}
            for title in chosen:
                text = typed(title)
                if text:
                    cases.setdefault(title.author if kind == "author" else title.shown, text)
                if len(cases) == options.sample:
                    break
            found = collections.Counter()
            for wanted, text in cases.items():
                ranks = {"oracle": ([[t] for t in oracle(text)],) * 2} if oracle and "oracle" in options.only else {}
                ranks |= {column: ask(text, kind) for column, ask in asked.items()}
                for column, (names, shown) in ranks.items():
                    if any(key(one) == key(wanted) for some in names for one in some):
                        found[column] += 1
                    elif misses:
                        print(catalog, sample, name, k, column, text, wanted, *shown, sep="\t", file=misses, flush=True)
            n = max(len(cases), 1)
            known = {*asked, *(["oracle"] if oracle and "oracle" in options.only else [])}
            cells = [f"{found[c] / n:.3f}" if c in known else "-" for c in COLUMNS]
            print(f"| {catalog} | {sample} | {name} | {k} | {len(cases)} | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="typing-data")
    parser.add_argument("--typesense")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--only", action="append", choices=COLUMNS)
    parser.add_argument("--catalog", action="append", choices=list(FILES))
    parser.add_argument("--reindex", action="store_true")
    parser.add_argument("--misses")
    options = parser.parse_args()
    options.only = options.only or COLUMNS
    os.makedirs(options.work, exist_ok=True)
    catalogs = options.catalog or list(FILES)
    readings = best_readings()
    print(f"Pinyin: {readings.name}. Seed {options.seed}.\n")
    quire = typesense = None
    try:
        if {"suggest", "search"} & set(options.only):
            for catalog in catalogs:
                files = [f"{options.data}/catalogues/{catalog}/{file}.jsonl.gz" for file in FILES[catalog]]
                index(options, catalog, files, schema(catalog), profile(catalog))
            quire = Quire(options, catalogs[0])
            if not quire.suggests:
                print("suggest: the route is not known to this server; its column is -", file=sys.stderr)
        if options.typesense and "typesense" in options.only:
            folder = f"{options.work}/typesense"
            if options.reindex:
                run(["rm", "-rf", folder])
            typesense = Titles(options.typesense, folder)
            for catalog in catalogs:
                typesense.fill_with(options.data, catalog)
        misses = open(options.misses, "w", encoding="utf-8") if options.misses else None
        print(f"| catalogue | sample | typed | k | n | {' | '.join(COLUMNS)} |\n|{'---|' * 9}")
        for catalog in catalogs:
            titles = read(options.data, catalog)
            measure(options, catalog, titles, readings, askers(options, catalog, quire, typesense), misses)
    finally:
        for server in filter(None, [quire, typesense]):
            server.end()


if __name__ == "__main__":
    main()
