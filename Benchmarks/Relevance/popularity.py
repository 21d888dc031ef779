#!/usr/bin/env python3
"""Measures whether the book, the volume and the package that people mean come first.

    Benchmarks/Relevance/popularity.py --data DIR --packages LISTS [--quire PATH] [--work DIR] [--misses FILE] [--only PART]...

DIR has catalogues/zh-books-douban, LISTS has pypi.tsv and npm.tsv. Three parts, each with fixed seeds:

books     The 200 most voted books by their title, and by author and title: is the most voted edition of that title among the first
          three? Brackets, punctuation, case and traditional characters set aside, editions have the same title.
volumes   100 queries of a series and a volume in another writing (3, 三, 叁, Ⅲ, 第三册, vol. 3, （三）), made from titles with volumes of
          series that have several: is a book of that series and that volume first?
packages  500 random names and the 500 most downloaded ones: is a package of that name, of either registry, first?

Books are searched in a catalogue by Fixtures/mappings/zh-books.schema.json (`given`) and in one whose schema is inferred (`inferred`),
packages likewise.
"""

import argparse
import os
import random
import re
import subprocess
import sys

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path[:0] = [PROJECT + "/Benchmarks/Typing", PROJECT + "/scripts"]
from typed import Quire, edition, folded, read_lines, run, without_brackets  # noqa: E402
import package_lists  # noqa: E402

MAPPINGS = PROJECT + "/Fixtures/mappings"
DIGITS = "零一二三四五六七八九"
FORMAL = "零壹贰叁肆伍陆柒捌玖"
ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "Ⅵ", "Ⅶ", "Ⅷ", "Ⅸ", "Ⅹ"]
NUMERAL = f"[0-9]{{1,2}}|[{DIGITS}十]{{1,3}}|[{FORMAL}拾貳參陸]{{1,3}}|[Ⅰ-Ⅻ]|[IVX]{{1,4}}"
UNITS = "[册冊卷部集辑輯季]"
# A series, its volume in one of the usual writings, and the end of the title or the volume's own title.
VOLUME = re.compile(
    rf"(?P<series>.*?[\u4e00-\u9fff])[\s·・:：.—-]*"
    rf"(?:第(?P<a>{NUMERAL}){UNITS}|[（(【\[]\s*第?(?P<b>{NUMERAL}){UNITS}?\s*[)）】\]]|[·・\s](?P<c>[{FORMAL}貳參陸])"
    rf"|[卷部册]?\s*(?P<d>[0-9]{{1,2}}|[Ⅰ-Ⅻ]|(?<=\s)[IVX]{{1,4}})|\s*[Vv]ol\.?\s*(?P<e>[0-9]{{1,2}}))(?=$|[\s·・:：.—(（–-])")
NOT_SERIES = re.compile(r"第$|版$|[年月日天分秒岁元万个位条种款招课讲章回届式步堂件大小]$")


def chinese(number, digits=DIGITS, ten="十"):
    """A number below 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + (ten if tens else "") + (digits[ones] if ones or not tens else "")


def number(text):
    """The number below 100 that a numeral stands for; None for another."""
    text = folded(text).translate(str.maketrans("壹贰叁肆伍陆柒捌玖拾貳參陸", "一二三四五六七八九十二三六"))
    if text.isdigit():
        return int(text)
    if set(text) <= set("ivx"):
        values = [{"i": 1, "v": 5, "x": 10}[c] for c in text]
        return sum(-a if a < b else a for a, b in zip(values, values[1:] + [0]))
    return next((n for n in range(1, 100) if chinese(n) == text), None)


def volume(title):
    """The series and the volume that a title names; None for a title without one."""
    found = VOLUME.match(title)
    if not found or NOT_SERIES.search(found["series"]):
        return None
    numeral = next(text for text in (found[c] for c in "abcde") if text)
    value, series = number(numeral), edition(found["series"])
    return (series, value) if value and value < 40 and len(series) >= 2 else None


WRITINGS = {
    "3": lambda n: f" {n}", "三": lambda n: f" {chinese(n)}", "叁": lambda n: chinese(n, FORMAL, "拾"),
    "Ⅲ": lambda n: ROMAN[n] if n <= 10 else f" {n}", "第三册": lambda n: f" 第{chinese(n)}册", "vol. 3": lambda n: f" vol. {n}",
    "（三）": lambda n: f"（{chinese(n)}）"}


def volume_queries(books, seed, count=100):
    """Queries for volumes in another writing than their title's, with the series and the volume they mean."""
    series = {}
    for book in books:
        named = volume(book["title"])
        if named:
            series.setdefault(named[0], {}).setdefault(named[1], []).append(book)
    # A number at the end is a volume only where the series has two of them, the first ones among them.
    good = sorted(name for name, volumes in series.items() if len(volumes) > 1 and min(volumes) <= 2)
    choice = random.Random(seed)
    queries = []
    for at, name in enumerate(choice.sample(good, count)):
        wanted = choice.choice(sorted(series[name]))
        title = max(series[name][wanted], key=lambda book: (book.get("rating_count") or 0, book["id"]))["title"]
        shown = VOLUME.match(title)["series"].rstrip(" ·・:：.—-")
        writings = [w for w in WRITINGS if folded(WRITINGS[w](wanted).strip()) not in folded(title)]
        writing = writings[at % len(writings)]
        queries.append((shown + WRITINGS[writing](wanted), name, wanted, writing))
    return queries


def author_name(name):
    """An author without country and role: [英] J. K. 罗琳 著 is J. K. 罗琳."""
    return re.sub(r"\s+(?:等|著|编|編|主编|編著|编著|文|图|圖|绘|繪|译|譯)+\.?$", "", without_brackets(name)).strip()


def book_queries(books, count=200):
    """The most voted books: the title, author and title, and the best-known edition of that title."""
    best = {}
    for book in books:
        key = edition(book["title"])
        if key not in best or votes(book) > votes(best[key]):
            best[key] = book
    most = sorted(best.values(), key=lambda book: (-votes(book), book["id"]))[:count]
    return [(b["title"], f"{author_name(b['author'][0])} {b['title']}" if b.get("author") else None, b["id"]) for b in most]


def votes(book):
    return book.get("rating_count") or 0


def package_queries(folder, seed, count=500):
    """The most downloaded names, half of them of each registry, and random ones."""
    ranked = {"npm": [], "pypi": []}
    names = []
    for registry, name, downloads, rank in package_lists.read_popularity(folder):
        names.append(name)
        if registry == "npm" and downloads:
            ranked[registry].append((-downloads, name))
        elif registry == "pypi" and rank:
            ranked[registry].append((rank, name))
    half = [name for _, name in sorted(ranked["npm"])[:count // 2]]
    most = list(dict.fromkeys(half + [name for _, name in sorted(ranked["pypi"])]))[:count]
    return most, random.Random(seed).sample(sorted(set(names)), count)


class Table:
    def __init__(self, quire, misses, prefix):
        self.quire, self.misses, self.prefix = quire, misses, prefix
        print("| part | catalogue | queries | n | found | goal |\n|---|---|---|---|---|---|")

    def measure(self, part, catalog, label, cases, goal, first):
        """`cases` are queries with the test that a hit must pass; one of the first `first` hits must."""
        found = 0
        for query, test in cases:
            reply = self.quire.answer(catalog, "search", q=query, prefix=self.prefix, per_page=10, facets="")
            hits = reply.get("hits", [])
            rank = next((at for at, hit in enumerate(hits) if test(hit)), None)
            if rank is not None and rank < first:
                found += 1
            elif self.misses:
                shown = [f"{h['id']} {h['document'].get('title') or h['document'].get('name')}" for h in hits[:3]]
                print(part, catalog, label, query, rank, *shown, sep="\t", file=self.misses, flush=True)
        print(f"| {part} | {catalog} | {label} | {len(cases)} | {found / max(len(cases), 1) * 100:.1f} % | {goal} % |", flush=True)


def index(options, catalog, files, *more):
    if not os.path.exists(f"{options.work}/{catalog}") or options.reindex:
        run([options.quire, "index", *files, "--data", options.work, "--catalog", catalog, *more])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--work", default="popularity-data")
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--only", action="append", choices=["books", "volumes", "packages"])
    parser.add_argument("--prefix", choices=["none", "last"], default="none", help="last: as if somebody were typing")
    parser.add_argument("--misses")
    parser.add_argument("--reindex", action="store_true")
    options = parser.parse_args()
    parts = options.only or ["books", "volumes", "packages"]
    os.makedirs(options.work, exist_ok=True)
    file = f"{options.data}/catalogues/zh-books-douban/books.jsonl.gz"
    if {"books", "volumes"} & set(parts):
        index(options, "given", [file], "--schema", MAPPINGS + "/zh-books.schema.json")
        index(options, "inferred", [file])
    if "packages" in parts:
        lists = [f"{options.packages}/{name}.tsv" for name in ("pypi", "npm")]
        mapping = ["--mapping", MAPPINGS + "/packages.json"]
        index(options, "packages", lists, "--schema", MAPPINGS + "/packages.schema.json", *mapping)
        index(options, "packages-inferred", lists, *mapping)
    misses = open(options.misses, "w", encoding="utf-8") if options.misses else None
    quire = Quire(options, "packages" if parts == ["packages"] else "given")
    try:
        table = Table(quire, misses, options.prefix)
        books = list(read_lines(file))
        if "books" in parts:
            most = book_queries(books)
            for catalog in ("given", "inferred"):
                def cases(column):
                    return [(row[column], lambda hit, best=row[2]: hit["id"] == best) for row in most if row[column]]
                table.measure("books", catalog, "title", cases(0), 85, first=3)
                table.measure("books", catalog, "author + title", cases(1), 65, first=3)
        if "volumes" in parts:
            queries = volume_queries(books, options.seed)
            cases = [(query, lambda hit, right=(name, wanted): volume(hit["document"]["title"]) == right)
                     for query, name, wanted, _ in queries]
            for catalog in ("given", "inferred"):
                table.measure("volumes", catalog, "series + volume", cases, 90, first=1)
        if "packages" in parts:
            for label, names in zip(("most downloaded", "random"), package_queries(options.packages, options.seed)):
                cases = [(name, lambda hit, name=name: hit["document"]["name"].lower() == name.lower()) for name in names]
                for catalog in ("packages", "packages-inferred"):
                    table.measure("packages", catalog, label, cases, 98, first=1)
    finally:
        quire.server.end()


if __name__ == "__main__":
    main()
