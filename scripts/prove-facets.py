#!/usr/bin/env python3
"""Random requests with filters, facets, orders and groups against a served catalogue; each answer is compared with one counted by hand.

    scripts/prove-facets.py --quire PATH --debian packages.jsonl.gz --books books.jsonl.gz [--requests 1000] [--seed 1]

The catalogues are a Debian package list with debtags (`role::program`) and a list of Chinese books (authors, publisher, year, price,
rating, tags). A catalogue is loaded in several commits, changed and thinned out over HTTP, and then asked. What words find is asked
without filters first, through a cursor, and must be the same however it is paged; everything else is counted from the documents.
Ends with 1 at the first difference.
"""

import argparse
import calendar
import collections
import datetime
import decimal
import gzip
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import urllib.parse

from served import Server, get

FACET_SIZE = 50


def keyword(name, **options):
    return {"name": name, "type": "keyword", **options}


# --- The two catalogues: a schema, and documents as the schema wants them


def debian(path):
    with gzip.open(path, "rt", encoding="utf8") as lines:
        documents = [json.loads(line) for line in lines]
    facets = sorted({tag.split("::")[0] for d in documents for tag in d.get("tags", []) if "::" in tag})
    fields = [keyword("id"), {"name": "title", "type": "text", "analyzer": "english"},
              {"name": "summary", "type": "text", "analyzer": "english"},
              {"name": "japanese", "type": "text", "from": "translations.ja.summary"},
              keyword("section", separator="/"), keyword("component"), keyword("suite"), keyword("maintainer"), keyword("priority"),
              {"name": "size", "type": "integer"}, {"name": "installed_kb", "type": "integer"},
              keyword("tag", **{"from": "tags"}, multiple=True, separator="::")]
    fields += [keyword("tag-" + f, **{"from": "tags"}, multiple=True, prefix=f + "::") for f in facets]
    wanted = ("id", "title", "summary", "section", "component", "suite", "maintainer", "priority", "size", "installed_kb", "tags",
              "translations")
    return fields, [{k: d[k] for k in wanted if k in d} for d in documents]


def books(path):
    fields = [keyword("id"), {"name": "title", "type": "text"}, keyword("author", multiple=True), keyword("publisher"),
              {"name": "year", "type": "integer"}, {"name": "price", "type": "price", "currency": "CNY"},
              {"name": "rating", "type": "float"}, {"name": "rating_count", "type": "integer"},
              keyword("categories", multiple=True), keyword("tags", multiple=True), keyword("currency"),
              {"name": "published", "type": "date"}, {"name": "voted", "type": "boolean"}]
    documents = []
    with gzip.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            d = json.loads(line)
            book = {f["name"]: d[f["name"]] for f in fields if f["name"] in d}
            date = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", book.pop("published", None) or "")
            if date and period("-".join(p.zfill(2) for p in date.groups() if p)):
                book["published"] = "-".join(p.zfill(2) for p in date.groups() if p)
            book["voted"] = "rating_count" in d
            documents.append(book)
    return fields, documents


def day_of(moment):
    return datetime.date.fromordinal(moment // 86_400_000 + 719163).isoformat()


def period(text):
    """The milliseconds that a date stands for, the end left out; None for what is none."""
    parts = [int(p) for p in text.split("-")]
    if parts[0] < 1 or len(parts) > 1 and not 1 <= parts[1] <= 12:
        return None
    if len(parts) > 2 and not 1 <= parts[2] <= calendar.monthrange(parts[0], parts[1])[1]:
        return None
    start = datetime.date(*(parts + [1, 1])[:3])
    if len(parts) == 3:
        days = 1
    elif len(parts) == 2:
        days = calendar.monthrange(*parts)[1]
    else:
        days = 366 if calendar.isleap(parts[0]) else 365
    first = (start.toordinal() - 719163) * 86_400_000
    return first, first + days * 86_400_000


# --- A catalogue as plain lists


def levels(value, separator):
    """The levels of a hierarchy above a value that have a name."""
    if separator:
        parts = value.split(separator)
        for i in range(1, len(parts)):
            # A separator at the very end parts nothing.
            if parts[i - 1] and not (i == len(parts) - 1 and not parts[i]):
                yield separator.join(parts[:i])


class Shelf:
    """Documents by number, and for each field what each of them has."""

    def __init__(self, fields, documents):
        self.documents = documents
        self.fields = {f["name"]: f for f in fields if f["type"] not in ("text", "stored") and f["name"] != "id"}
        self.keywords = [n for n, f in self.fields.items() if f["type"] == "keyword"]
        self.numbers = [n for n in self.fields if n not in self.keywords]
        self.values = {n: [self.read(f, d) for d in documents] for n, f in self.fields.items()}
        self.known = {n: sorted({v for some in self.values[n] for v in some} if n in self.keywords
                                else {v for v in self.values[n] if v is not None}) for n in self.fields}

    def read(self, field, document):
        value = document.get(field.get("from", field["name"]))
        if field["type"] == "keyword":
            some = value if isinstance(value, list) else [] if value is None else [value]
            prefix, separator = field.get("prefix", ""), field.get("separator")
            terms = set()
            for one in some:
                if not one.startswith(prefix) or one == prefix:
                    continue
                one = one[len(prefix):]
                terms.add(one)
                terms.update(levels(one, separator))
            return sorted(terms)
        if value is None:
            return None
        if field["type"] == "date":
            return period(value)[0]
        return round(value * 100) if field["type"] == "price" else int(value) if field["type"] == "boolean" else value

    def number(self, name, key):
        return key / 100 if self.fields[name]["type"] == "price" else key

    def bound(self, name, r):
        """A bound as it is written, and the least and the greatest key it stands for."""
        key = r.choice(self.known[name])
        kind = self.fields[name]["type"]
        if kind == "date":
            day = day_of(key)
            text = day[:r.choice([4, 7, 10])]
            start, end = period(text)
            return text, start, end - 1
        if kind == "boolean":
            return ("true" if key else "false"), key, key
        if kind == "price":
            key = max(key + r.randint(-3, 3), 0)
            return f"{key // 100}.{key % 100:02}", key, key
        if r.random() < .2:
            key += .5
        return repr(key), key, key


# --- Random requests: their text, and what they mean


def quoted(value):
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"


def condition(shelf, r, name=None):
    """A test of one field: its text, whether a document passes, the field, the values it names."""
    name = name or r.choice(list(shelf.fields))
    of, known = shelf.values[name], shelf.known[name]
    kind = r.random()
    if kind < .12 or not known:
        return f"{name}:*", lambda i: bool(of[i]) if name in shelf.keywords else of[i] is not None, name, []
    if name in shelf.keywords:
        if kind < .75:
            some = [r.choice(r.choice([v for v in of if v] or [known]) if r.random() < .7 else known) for _ in range(r.choice([1, 1, 2, 3]))]
            text = quoted(some[0]) if len(some) == 1 else "[" + ", ".join(map(quoted, some)) + "]"
            wanted = set(some)
            if kind < .65:
                return f"{name}:={text}", lambda i: not wanted.isdisjoint(of[i]), name, some
            return f"{name}:!={text}", lambda i: wanted.isdisjoint(of[i]), name, []
        low, high = sorted(r.choices(known, k=2))
        low, high = low[:r.randint(1, 3)], high
        return f"{name}:{quoted(low)}..<{quoted(high)}", lambda i: any(low <= v < high for v in of[i]), name, []
    (text, low, _), (other, _, high) = sorted((shelf.bound(name, r) for _ in range(2)), key=lambda b: b[1])
    if kind < .5:
        return f"{name}:{text}..{other}", lambda i: of[i] is not None and low <= of[i] <= high, name, []
    if kind < .65:
        return f"{name}:>={text}", lambda i: of[i] is not None and of[i] >= low, name, []
    if kind < .8:
        return f"{name}:<={other}", lambda i: of[i] is not None and of[i] <= high, name, []
    text, low, high = shelf.bound(name, r)
    return f"{name}:={text}", lambda i: of[i] is not None and low <= of[i] <= high, name, [text]


def part(shelf, r):
    """One part of a conjunction."""
    kind = r.random()
    text, test, name, named = condition(shelf, r)
    if kind < .7:
        return text, test, name, named
    if kind < .8:
        return f"!({text})", lambda i: not test(i), name, []
    other_text, other, other_name, other_named = condition(shelf, r, name if r.random() < .5 else None)
    both = name if other_name == name else None
    return f"({text} || {other_text})", lambda i: test(i) or other(i), both, named + other_named


def facet(shelf, r):
    """A facet: its text and what is counted."""
    if r.random() < .7:
        name = r.choice(shelf.keywords)
        kind = r.choice(["plain", "size", "a-z", "distinct", "starting", "under"])
        separator = shelf.fields[name].get("separator")
        values = shelf.known[name]
        if kind == "size":
            return f"{name}(size {(size := r.choice([0, 1, 5, 200]))})", name, ("values", size, "", None, False)
        if kind == "a-z":
            return f"{name}(a-z; size 20)", name, ("values", 20, "", None, True)
        if kind == "distinct":
            return f"{name}(distinct)", name, ("distinct",)
        if kind == "starting" and values:
            start = r.choice(values)[:r.randint(1, 3)]
            return f"{name}(starting {quoted(start)})", name, ("values", FACET_SIZE, start, None, False)
        if kind == "under" and separator:
            above = r.choice([""] + [v for v in values if separator not in v])
            inside = f"{name}(under {quoted(above)})" if above else f"{name}(under)"
            return inside, name, ("values", FACET_SIZE, above + separator if above else "", separator, False)
        return name, name, ("values", FACET_SIZE, "", None, False)
    name = r.choice(shelf.numbers)
    kind = r.choice(["stats", "ranges", "histogram"])
    if kind == "stats":
        return name, name, ("stats",)
    if kind == "histogram" and shelf.fields[name]["type"] == "date":
        unit = r.choice(["day", "month", "year"])
        return f"{name}(by {unit})", name, ("calendar", unit)
    if kind == "histogram":
        # Fewer stretches than are joined.
        span = shelf.number(name, values[-1] - values[0]) if (values := shelf.known[name]) else 1
        width = max(math.ceil(span / r.choice([3, 40, 5000])), 1) * r.choice([1, 1, 1.1, 0.5])
        width = float(f"{width:.6g}")
        return f"{name}(by {width})", name, ("histogram", width)
    texts, ranges = [], []
    for _ in range(r.randint(1, 4)):
        (text, low, _), (other, _, high) = sorted((shelf.bound(name, r) for _ in range(2)), key=lambda b: b[1])
        texts.append(f"{text}..{other}")
        ranges.append((low, high))
    return f"{name}({'; '.join(texts)})", name, ("ranges", ranges)


class Request:
    def __init__(self, shelf, r, words):
        self.q = r.choice(words) if r.random() < .4 else ""
        self.parts = [part(shelf, r) for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4]))]
        facets = {name: (text, name, what) for text, name, what in (facet(shelf, r) for _ in range(r.randint(1, 5)))}
        self.facets = list(facets.values())
        # An empty order is that of relevance.
        self.sort = [] if r.random() < .2 else [
            (name, r.random() < .5, r.random() < .3) for name in r.sample(list(shelf.fields), r.choice([1, 1, 2, 3]))]
        self.collapse = r.choice(shelf.keywords) if r.random() < .25 else None
        self.per_page = r.choice([1, 10, 100])
        self.page = r.choice([1, 1, 2, 3])

    def path(self, after=None):
        sort = ",".join(f"{n}:{'asc' if up else 'desc'}:missing_{'first' if first else 'last'}" for n, up, first in self.sort)
        wanted = {"q": self.q, "filter": " && ".join(p[0] for p in self.parts), "facets": ", ".join(f[0] for f in self.facets),
                  "sort": sort, "per_page": self.per_page, "highlight": "false"}
        if self.collapse:
            wanted["collapse"] = self.collapse
        wanted["after" if after else "page"] = after or self.page
        return "/v1/proof/search?" + urllib.parse.urlencode(wanted)


# --- What the answers must be


def place(shelf, request, i, relevance):
    """What a document is ordered by: less comes first."""
    key = [] if request.sort else [relevance[i]]
    for name, up, missing_first in request.sort:
        own = shelf.values[name][i]
        if name in shelf.keywords:
            own = (own[0] if up else own[-1]) if own else None
        if own is None:
            key.append((0 if missing_first else 2, 0))
        else:
            key.append((1, own if up else Falling(own)))
    return key + [i]


class Falling:
    """Orders the other way round."""

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return other.value < self.value

    def __eq__(self, other):
        return other.value == self.value


def counted(shelf, name, what, matching, named):
    of = shelf.values[name]
    if what[0] == "distinct":
        return {"distinct": len({v for i in matching for v in of[i]})}
    if what[0] == "values":
        _, size, start, separator, by_name = what
        counts = collections.Counter(v for i in matching for v in of[i])
        listed = {v: n for v, n in counts.items()
                  if v.startswith(start) and not any(len(level) > len(start) for level in levels(v, separator))}
        order = sorted(listed.items(), key=lambda p: p[0] if by_name else (-p[1], p[0]))[:size]
        shown = [v for v, _ in order]
        for v in named:
            if v not in shown:
                shown.append(v)
                order.append((v, counts.get(v, 0)))
        return {"values": [{"value": v, "count": n, "selected": v in named} for v, n in order],
                "other": sum(listed.values()) - sum(listed.get(v, 0) for v, _ in order)}
    kind = shelf.fields[name]["type"]
    if kind == "boolean" and what[0] == "stats":
        of = ["true" if v else "false" for v in (of[i] for i in matching) if v is not None]
        return {"values": [{"value": v, "count": of.count(v), "selected": v in named} for v in ("true", "false")], "other": 0}
    have = [of[i] for i in matching if of[i] is not None]
    if what[0] == "ranges":
        return {"ranges": [sum(low <= v <= high for v in have) for low, high in what[1]]}
    numbers = [shelf.number(name, v) for v in have]
    if what[0] == "histogram":
        width = decimal.Decimal(repr(what[1]))
        bars = collections.Counter(math.floor(decimal.Decimal(repr(v)) / width) for v in numbers)
        return {"histogram": [[float(k * width), float((k + 1) * width), n] for k, n in sorted(bars.items())]}
    if what[0] == "calendar":
        size = {"day": 10, "month": 7, "year": 4}[what[1]]
        bars = collections.Counter(day_of(v)[:size] for v in have)
        return {"histogram": [[day_of(start), day_of(end), n] for (start, end), n in
                              ((period(text), n) for text, n in sorted(bars.items()))]}
    if not have:
        return {"stats": {"count": 0} if kind == "date" else {"count": 0, "sum": 0.0}}
    if kind == "date":
        return {"stats": {"count": len(have), "min": day_of(min(have)), "max": day_of(max(have))}}
    total = sum(have) / 100 if kind == "price" else math.fsum(have)
    return {"stats": {"count": len(have), "min": min(numbers), "max": max(numbers), "sum": total, "avg": total / len(have)}}


def answered(reply):
    """A facet of an answer in the form of `counted`."""
    if "ranges" in reply:
        return {"ranges": [v["count"] for v in reply["ranges"]]}
    if "histogram" in reply:
        return {"histogram": [[v["from"], v["to"], v["count"]] for v in reply["histogram"]]}
    if "distinct" in reply:
        return {"distinct": reply["distinct"]}
    if "stats" in reply:
        return {"stats": reply["stats"]}
    return {"values": reply["values"], "other": reply["other"]}


def is_same(wanted, found):
    """Equal; sums of floating-point numbers depend on the order in which they are added."""
    if "stats" in wanted and "stats" in found:
        a, b = wanted["stats"], found["stats"]
        return a.keys() == b.keys() and all(
            a[k] == b[k] or not isinstance(a[k], str) and math.isclose(a[k], b[k], rel_tol=1e-9, abs_tol=1e-9) for k in a)
    return wanted == found


def ordered(shelf, request, base):
    """The documents that match, in order."""
    matching = set(base).intersection(*({i for i in base if p[1](i)} for p in request.parts))
    relevance = {} if request.sort else {document: n for n, document in enumerate(base)}
    return sorted(matching, key=lambda i: place(shelf, request, i, relevance))


def walk(shelf, request, connection, base):
    """What differs when some pages are visited through a cursor; None if nothing does."""
    request.per_page, request.collapse = 7, None
    found, after = [], "*"
    while after and len(found) < 70:
        status, body = get(connection, request.path(after))
        if status != 200:
            return f"the cursor was answered with {status}: {body[:500]}"
        reply = json.loads(body)
        found += [h["id"] for h in reply["hits"]]
        after = reply.get("next")
    wanted = [shelf.documents[i]["id"] for i in ordered(shelf, request, base)[:len(found) if after else None]]
    return None if found == wanted else f"the cursor showed {found}, not {wanted}"


def compare(shelf, request, reply, base):
    """What differs; None if nothing does."""
    passed = [{i for i in base if p[1](i)} for p in request.parts]
    matching = set(base).intersection(*passed)
    if reply["found"] != len(matching):
        return f"found {reply['found']}, not {len(matching)}"
    hits = ordered(shelf, request, base)
    page = slice((request.page - 1) * request.per_page, request.page * request.per_page)
    if request.collapse:
        best, sizes = {}, collections.Counter()
        for i in hits:
            own = shelf.values[request.collapse][i]
            group = own[0] if own else (i,)
            best.setdefault(group, i)
            sizes[group] += 1
        hits = list(best.values())
        if reply["groups"] != len(hits):
            return f"{reply['groups']} groups, not {len(hits)}"
        wanted_sizes = [n if isinstance(g, str) else None for g, n in ((g, sizes[g]) for g in best)][page]
        if [h.get("group_size") for h in reply["hits"]] != wanted_sizes:
            return f"sizes {[h.get('group_size') for h in reply['hits']]}, not {wanted_sizes}"
    wanted = [shelf.documents[i]["id"] for i in hits[page]]
    if [h["id"] for h in reply["hits"]] != wanted:
        return f"hits {[h['id'] for h in reply['hits']]}, not {wanted}"
    for (_, name, what), found in zip(request.facets, reply["facets"], strict=True):
        own = [n for n, p in enumerate(request.parts) if p[2] == name]
        sideways = set(base).intersection(*(s for n, s in enumerate(passed) if n not in own))
        named = list(dict.fromkeys(v for n in own for v in request.parts[n][3]))
        right = counted(shelf, name, what, sideways, named)
        if not is_same(right, answered(found)):
            return f"facet {name} {what}: {json.dumps(answered(found), ensure_ascii=False)}, not {json.dumps(right, ensure_ascii=False)}"
    return None


# --- The proof


def load(quire, folder, fields, documents, r):
    """Loads three quarters from a file, the others over HTTP; then some are replaced and some deleted. Answers what is left."""
    key = subprocess.run([quire, "keys", "add", "proof", "--data", folder + "/data"], check=True, capture_output=True, text=True).stdout.strip()
    with open(folder + "/schema.json", "w") as f:
        json.dump({"key": "id", "unknown": "ignore", "fields": fields}, f)
    cut = len(documents) * 3 // 4
    with open(folder + "/documents.jsonl", "w") as f:
        f.writelines(json.dumps(d) + "\n" for d in documents[:cut])
    subprocess.run([quire, "index", "--data", folder + "/data", "--catalog", "proof", "--schema", folder + "/schema.json",
                    folder + "/documents.jsonl"], check=True, stdout=subprocess.DEVNULL)
    server = Server(quire, folder + "/data")
    connection = server.connect()
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/x-ndjson"}

    def send(lines):
        for at in range(0, len(lines), 2000):
            status, body = get(connection, "/v1/proof/documents?refresh=true", "POST",
                               "\n".join(map(json.dumps, lines[at:at + 2000])), headers)
            if status != 200:
                sys.exit(f"the server answered {status}: {body[:400]}")

    send(documents[cut:])
    kept = dict(enumerate(documents))
    gone = r.sample(sorted(kept), len(kept) // 50)
    send([{"_delete": kept.pop(i)["id"]} for i in gone])
    # What is given again arrives anew, behind all others.
    again = r.sample(sorted(kept), len(kept) // 50)
    send([kept[i] for i in again])
    renewed = [kept.pop(i) for i in again]
    return server, connection, list(kept.values()) + renewed


def base_of(connection, shelf, q, numbers):
    """The documents that words find, all pages of them."""
    found, after = [], "*"
    while after:
        status, body = get(connection, "/v1/proof/search?" + urllib.parse.urlencode(
            {"q": q, "after": after, "per_page": 100, "highlight": "false"}))
        reply = json.loads(body)
        if status != 200:
            sys.exit(f"the cursor was answered with {status}: {reply}")
        found += [numbers[h["id"]] for h in reply["hits"]]
        after = reply.get("next")
    if len(set(found)) != len(found) or len(found) != reply["found"]:
        sys.exit(f"the cursor for {q} showed {len(found)} hits, {len(set(found))} different, of {reply['found']}")
    return found


def prove(quire, name, fields, documents, requests, seed):
    r = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        server, connection, documents = load(quire, folder, fields, documents, r)
        try:
            shelf = Shelf(fields, documents)
            numbers = {d["id"]: i for i, d in enumerate(documents)}
            words = re.findall(r"\w{2,12}", " ".join(d["title"] for d in r.sample(documents, 300)))
            bases = {"": range(len(documents))}
            facets = 0
            for n in range(requests):
                request = Request(shelf, r, words)
                if request.q not in bases:
                    bases[request.q] = base_of(connection, shelf, request.q, numbers)
                status, body = get(connection, request.path())
                problem = f"status {status}: {body[:500]}" if status != 200 else compare(shelf, request, json.loads(body), bases[request.q])
                if not problem and n % 10 == 0:
                    problem = walk(shelf, request, connection, bases[request.q])
                if problem:
                    print(f"{name}: request {n} of seed {seed} differs: {problem[:3000]}\n{urllib.parse.unquote_plus(request.path())}")
                    return False
                facets += len(request.facets)
            print(f"{name}: {len(documents)} documents, {requests} requests with {facets} facets, all as counted by hand", flush=True)
            return True
        finally:
            server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", required=True)
    parser.add_argument("--debian")
    parser.add_argument("--books")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    right = True
    for name, path, read in (("debian", a.debian, debian), ("books", a.books, books)):
        if path:
            right &= prove(os.path.abspath(a.quire), name, *read(path), a.requests, a.seed)
    sys.exit(0 if right else 1)


main()
