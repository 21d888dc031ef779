#!/usr/bin/env python3
"""Builds the demo catalogue in Fixtures/catalog.

    python3 scripts/make-catalog.py --data DIR [--out DIR]
    python3 scripts/make-catalog.py --check

DIR is the folder that holds

    catalogues/en-goodbooks10k/books.jsonl.gz   (goodbooks-10k, CC BY-SA 4.0)
    catalogues/zhhant-cbeta/books.jsonl.gz      (CBETA metadata, MIT)

Two files are excerpts of those catalogues: en-goodbooks.jsonl and
cbeta.jsonl.  The other two, zh-books.jsonl and edge-cases.jsonl, are kept by
hand; they are read, completed with the generated fields and written back in
the fixed key order.  Without --data only these two are rewritten.  Running the
script twice gives the same bytes.

price, currency, stock and sales are demo data computed from a hash of the id.
They say nothing about any real book or shop.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import sys

KEYS = [
    "id", "title", "subtitle", "series", "series_number", "original_title",
    "author", "publisher", "year", "decade", "language", "category", "isbn",
    "dynasty", "description", "rating", "rating_count", "price", "currency",
    "stock", "sales", "collection",
]

# file, collection, kept by hand?
FILES = [
    ("zh-books.jsonl", "modern-zh", True),
    ("en-goodbooks.jsonl", "goodbooks", False),
    ("cbeta.jsonl", "cbeta", False),
    ("edge-cases.jsonl", "edge-cases", True),
]

# Types a field may have.
TYPES = {
    "id": str, "title": str, "subtitle": str, "series": str,
    "series_number": str, "original_title": str, "author": list,
    "publisher": str, "year": int, "decade": str, "language": str,
    "category": list, "isbn": str, "dynasty": str, "description": str,
    "rating": float, "rating_count": int, "price": float, "currency": str,
    "stock": int, "sales": int, "collection": str,
}
REQUIRED = ["id", "title", "price", "currency", "stock", "sales", "collection"]

GOODBOOKS_HEAD = 1900       # the most popular books, taken whole
GOODBOOKS_TAIL = 300        # then this many of the rest, at an even stride
GOODBOOKS_OFFSET = 18       # where the stride starts: this start meets the
                            # most languages and accents
CBETA_COUNT = 300
# Texts a reader is likely to look for; the stride fills up the others.
CBETA_KNOWN = [
    "cb-T0235", "cb-T0251", "cb-T0262", "cb-T0279", "cb-T0360", "cb-T0366",
    "cb-T0412", "cb-T0450", "cb-T0475", "cb-T0784", "cb-T0945", "cb-T1509",
    "cb-T2008", "cb-T2059", "cb-T2087",
]

LANGUAGES = {
    "eng": "en", "ara": "ar", "dan": "da", "fil": "fil", "fre": "fr",
    "ger": "de", "ind": "id", "ita": "it", "jpn": "ja", "nor": "no",
    "per": "fa", "pol": "pl", "por": "pt", "rum": "ro", "rus": "ru",
    "spa": "es", "swe": "sv", "tur": "tr", "vie": "vi",
}


# --- reading and writing ---------------------------------------------------

def read_lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def write_lines(path, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    os.replace(temporary, path)


# --- fields ----------------------------------------------------------------

def isbn13_holds(text):
    if not re.fullmatch(r"97[89][0-9]{10}", text):
        return False
    return sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(text)) % 10 == 0


def isbn13(text):
    """An ISBN-13 from an ISBN-10 that may have lost its leading zeros, or None."""
    text = text.strip().upper().replace("-", "")
    if len(text) == 13:
        return text if isbn13_holds(text) else None
    text = text.rjust(10, "0")
    if not re.fullmatch(r"[0-9]{9}[0-9X]", text):
        return None
    weighted = sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(text))
    if weighted % 11:
        return None
    body = "978" + text[:9]
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body))
    return body + str(-total % 10)


def language_code(text):
    if not text:
        return None
    if re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", text):
        return text[:2]
    return LANGUAGES.get(text)


def clean(text):
    """Drops direction marks and runs of white space."""
    return " ".join(text.replace("\u200e", "").replace("\u200f", "").split())


SERIES_TAIL = re.compile(
    r"\s*\(((?:[^()]|\([^()]*\))*?),?\s*#\s*([0-9.]+(?:[-\u2013][0-9.]+)?)\)$")


def same_text(a, b):
    plain = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
    return a.translate(plain).casefold() == b.translate(plain).casefold()


def decade(year):
    return "before 1900" if year < 1900 else "%ds" % (year // 10 * 10)


# --- demo shop data --------------------------------------------------------

def draw(book_id, what):
    """A number in [0, 1) that depends on the id and the purpose only."""
    digest = hashlib.sha256(("quire demo %s %s" % (what, book_id)).encode("utf-8")).digest()
    return int.from_bytes(digest[:6], "big") / 2.0 ** 48


def shop_data(book_id):
    whole = 19 + int(149 * draw(book_id, "price") ** 1.7)          # 19...167
    ending = (0.0, 0.5, 0.8, 0.9)[int(4 * draw(book_id, "ending"))]
    stock = 0
    if draw(book_id, "sold out") >= 0.08:
        stock = 1 + int(200 * draw(book_id, "stock"))
    return {
        "price": round(whole + ending, 2),
        "currency": "CNY",
        "stock": stock,
        "sales": int(12000 * draw(book_id, "sales") ** 5),
    }


def complete(row, collection):
    """The row with the generated fields, in the fixed key order."""
    row = dict(row)
    row.pop("decade", None)
    if "year" in row:
        row["decade"] = decade(row["year"])
    row.update(shop_data(row["id"]))
    row["collection"] = collection
    unknown = set(row) - set(KEYS)
    if unknown:
        raise SystemExit("%s: unknown fields %s" % (row["id"], sorted(unknown)))
    return {key: row[key] for key in KEYS if key in row and row[key] not in (None, "", [])}


# --- the two excerpts ------------------------------------------------------

def goodbooks(data):
    rows = read_lines(os.path.join(data, "catalogues", "en-goodbooks10k", "books.jsonl.gz"))
    rows.sort(key=lambda row: int(row["id"].split("-")[1]))
    rest = rows[GOODBOOKS_HEAD:]
    stride = len(rest) // GOODBOOKS_TAIL
    picked = rows[:GOODBOOKS_HEAD] + rest[GOODBOOKS_OFFSET::stride][:GOODBOOKS_TAIL]
    result = []
    for source in picked:
        title = clean(source["title"])
        series, number = source.get("series"), source.get("series_number")
        tail = SERIES_TAIL.search(title)
        if tail:
            title = title[:tail.start()]
            series, number = series or tail.group(1).strip(), number or tail.group(2)
        original = clean(source.get("original_title") or "")
        tail = SERIES_TAIL.search(original)
        if tail:
            original = original[:tail.start()]
        result.append({
            "id": source["id"],
            "title": title,
            "series": clean(series or ""),
            "series_number": clean(number or ""),
            "original_title": "" if same_text(original, title) else original,
            "author": [clean(name) for name in source["author"] if clean(name)],
            "year": source.get("year"),
            "language": language_code(source.get("language")),
            "isbn": isbn13(source["isbn"]) if source.get("isbn") else None,
            "rating": source["rating"],
            "rating_count": source["rating_count"],
        })
    return [{k: v for k, v in row.items() if v not in (None, "", [])} for row in result]


def cbeta_year(source):
    """The first year of the work, where the source dates the work itself.

    Most time spans are a whole dynasty or the author's life; a year taken from
    those would be wrong.  A span of at most 30 years, or a single year, counts
    as a date.
    """
    first, last = source.get("time_from"), source.get("time_to")
    if first is None or (last is not None and not 0 <= last - first <= 30):
        return None
    return first


def cbeta(data):
    rows = read_lines(os.path.join(data, "catalogues", "zhhant-cbeta", "books.jsonl.gz"))
    rows = sorted((row for row in rows if row.get("categories")), key=lambda row: row["id"])
    known = [row for row in rows if row["id"] in CBETA_KNOWN]
    if len(known) != len(CBETA_KNOWN):
        raise SystemExit("cbeta: a listed work is missing")
    others = [row for row in rows if row["id"] not in CBETA_KNOWN]
    count = CBETA_COUNT - len(known)
    picked = known + [others[i * len(others) // count] for i in range(count)]
    picked.sort(key=lambda row: row["id"])
    result = []
    for source in picked:
        result.append({
            "id": source["id"],
            "title": clean(source["title"]),
            "author": [clean(name) for name in source.get("author", []) if clean(name)],
            "year": cbeta_year(source),
            "language": "zh-Hant",
            "category": [part.strip() for text in source["categories"] for part in text.split(",")],
            "dynasty": source.get("dynasty"),
        })
    return [{k: v for k, v in row.items() if v not in (None, "", [])} for row in result]


# --- checks ----------------------------------------------------------------

def check(folder):
    """Reads the four files back; returns the faults found."""
    faults, seen, works = [], set(), set()
    for name, collection, _ in FILES:
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream]
        fields = {}
        for row in rows:
            place = "%s %s" % (name, row.get("id"))
            for key, value in row.items():
                fields[key] = fields.get(key, 0) + 1
                if type(value) is not TYPES.get(key):
                    faults.append("%s: %s has type %s" % (place, key, type(value).__name__))
                elif value in ("", []):
                    faults.append("%s: %s is empty" % (place, key))
                elif type(value) is list and not all(type(v) is str and v for v in value):
                    faults.append("%s: %s holds something else than text" % (place, key))
            if list(row) != [key for key in KEYS if key in row]:
                faults.append("%s: key order" % place)
            faults += ["%s: no %s" % (place, key) for key in REQUIRED if key not in row]
            if row["id"] in seen:
                faults.append("%s: id used twice" % place)
            seen.add(row["id"])
            if "isbn" in row and not isbn13_holds(row["isbn"]):
                faults.append("%s: ISBN %s does not hold" % (place, row["isbn"]))
            if row["collection"] != collection:
                faults.append("%s: collection" % place)
            if complete(row, collection) != row:
                faults.append("%s: generated fields are out of date" % place)
            if collection == "modern-zh":
                work = (row["title"], tuple(row.get("author", [])))
                if work in works:
                    faults.append("%s: same title and author twice" % place)
                works.add(work)
        print("%-20s %5d rows %8d bytes  %s" % (
            name, len(rows), os.path.getsize(path),
            ", ".join("%s %d" % (k, fields[k]) for k in KEYS if 0 < fields.get(k, 0) < len(rows))))
    return faults


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description="Build the demo catalogue.")
    parser.add_argument("--data", metavar="DIR", help="folder that holds catalogues/")
    parser.add_argument("--out", metavar="DIR", default=os.path.join(root, "Fixtures", "catalog"),
                        help="where the catalogue is written (default: Fixtures/catalog)")
    parser.add_argument("--check", action="store_true", help="check the files, write nothing")
    options = parser.parse_args()

    if not options.check:
        excerpts = {}
        if options.data:
            excerpts = {"goodbooks": goodbooks(options.data), "cbeta": cbeta(options.data)}
        for name, collection, by_hand in FILES:
            path = os.path.join(options.out, name)
            if by_hand:
                rows = read_lines(path)
            elif collection in excerpts:
                rows = excerpts[collection]
            else:
                continue
            write_lines(path, [complete(row, collection) for row in rows])

    faults = check(options.out)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
