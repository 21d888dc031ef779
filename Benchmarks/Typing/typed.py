"""What the typing benchmarks share: comparing titles, pinyin, damaged words, and a server that is asked."""

import gzip
import json
import os
import re
import subprocess
import sys
import unicodedata
import urllib.parse

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, PROJECT + "/scripts")
from served import Server, get  # noqa: E402

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
ARTICLE = re.compile(r"(?:the|an|a)\s+(?=\S)", re.IGNORECASE)
EDITS = ["substitution", "deletion", "insertion", "transposition"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


# Texts


def read_lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def folded(text):
    """As texts are compared letter by letter: width and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def without_brackets(text):
    """（…）, […], 【…】 and 〔…〕 are removed; a text of nothing else stays."""
    left = BRACKETS.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return left or text


def without_article(text):
    return ARTICLE.sub("", text.lstrip(), count=1) if ARTICLE.match(text.lstrip()) else text


def edition(text):
    """What all editions of a title have in common."""
    text = folded(without_article(without_brackets(text)))
    key = "".join(SIMPLIFIED.get(c, c) for c in text if c.isalnum())
    return key or text


# Tables of the analyzer


def table(name):
    """The text of a generated table."""
    rows = open(f"{PROJECT}/Sources/Analyzer/Tables/{name}.swift", encoding="utf-8").read().split('"""')[1].split("\n")
    return "".join(row.lstrip().rstrip("\\") for row in rows)


def pairs(text):
    return dict(zip(text[::2], text[1::2]))


SIMPLIFIED = pairs(table("SimplifiedPairs"))


class TableReadings:
    """The readings of Sources/Analyzer/Tables: the longest word decides, otherwise a character's commonest reading."""

    name = "the analyzer's tables"

    def __init__(self):
        self.readings, self.words = {}, {}
        for group in table("CharacterReadings").split():
            names, characters = group.split("=")
            for character in characters:
                self.readings[character] = re.split("[/,]", names)
        for item in table("WordReadings").split():
            word = item.rstrip("01234567")
            numbers = iter(item[len(word):])
            self.words[word] = [self.readings[c][int(next(numbers)) if len(self.readings[c]) > 1 else 0] for c in word]

    def syllables(self, text):
        text, found, at = "".join(SIMPLIFIED.get(c, c) for c in text), [], 0
        while at < len(text):
            size = next((n for n in range(8, 1, -1) if text[at:at + n] in self.words), 1)
            found += self.words.get(text[at:at + size]) or [self.readings.get(text[at], [""])[0]]
            at += size
        return found


class PackageReadings:
    """The readings of the package pypinyin, which owe nothing to the analyzer's tables."""

    def __init__(self):
        import pypinyin
        self.read, self.name = pypinyin.lazy_pinyin, f"pypinyin {pypinyin.__version__}"

    def syllables(self, text):
        found = self.read(text, errors=lambda rest: [""] * len(rest))
        # A phrase may be read with more syllables than it has characters: then each character by itself.
        return found if len(found) == len(text) else [self.read(c, errors="ignore")[:1] or [""] for c in text]


def best_readings():
    try:
        return PackageReadings()
    except ImportError:
        return TableReadings()


def spoken(readings, text):
    """Pinyin and initials of a whole text, other letters and digits as they are, and how much of both is Chinese."""
    letters, initials, chinese = "", "", None
    for part in re.findall(f"[{HAN}]+|[^{HAN}]+", folded(text)):
        if re.match(f"[{HAN}]", part):
            said = readings.syllables(part)
            letters += "".join(said)
            initials += "".join(s[:1] for s in said)
        else:
            other = "".join(c for c in part if c.isalnum())
            if other and chinese is None:
                chinese = len(letters), len(initials)
            letters += other
            initials += other
    return letters, initials, *(chinese or (len(letters), len(initials)))


# Damage


def edit(text, kind, places, random):
    """One change at one of the places, which must be letters; None where there is none."""
    letter = [text[i:i + 1].isascii() and text[i:i + 1].isalpha() for i in range(len(text) + 1)]
    fit = [i for i in places if i < len(text) and letter[i]]
    if kind == "transposition":
        fit = [i for i in fit if letter[i + 1] and text[i].lower() != text[i + 1].lower()]
    if not fit:
        return None
    at = random.choice(fit)
    if kind == "deletion":
        return text[:at] + text[at + 1:]
    if kind == "transposition":
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]
    other = random.choice([c for c in LETTERS if c != text[at].lower()])
    return text[:at] + other + text[at + (kind == "substitution"):]


# The server


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command[:2])}: {done.stderr}")


def index(options, catalog, files, schema, profile=None):
    """Builds a catalogue in the work folder, unless it is there."""
    if os.path.exists(f"{options.work}/{catalog}") and not options.reindex:
        return
    more = []
    for name, value in (("schema", schema), ("profile", profile)):
        if value:
            path = f"{options.work}/{catalog}.{name}.json"
            with open(path, "w", encoding="utf-8") as out:
                json.dump(value, out)
            more += ["--" + name, path]
    run([options.quire, "index", *files, "--data", options.work, "--catalog", catalog, *more])


class Quire:
    """A `quire serve` that is asked with as much as it knows: `prefix` and suggestions may be newer than the program."""

    def __init__(self, options, catalog):
        self.server = Server(options.quire, options.work)
        self.connection = self.server.connect()
        self.refused = 0
        status, _ = self.ask(catalog, "search", q="a", prefix="none")
        self.knows_prefix = status == 200
        if not self.knows_prefix:
            print(f"search: `prefix` is not known to this server ({status}); it is left away", file=sys.stderr)
        self.suggests = self.ask(catalog, "suggest", q="a")[0] == 200

    def ask(self, catalog, route, **parameters):
        path = f"/v1/{catalog}/{route}?{urllib.parse.urlencode(parameters)}"
        status, body = get(self.connection, path)
        return status, json.loads(body) if status == 200 else body

    def answer(self, catalog, route, **parameters):
        """The reply; an empty one when the server refuses, which is counted."""
        status, body = self.ask(catalog, route, **parameters)
        if status == 200:
            return body
        self.refused += 1
        if self.refused <= 5:
            print(f"refused ({status}): {parameters} {body.decode(errors='replace')[:200]}", file=sys.stderr)
        return {}

    def hits(self, catalog, text, prefix, count):
        more = {"prefix": prefix} if self.knows_prefix else {}
        return self.answer(catalog, "search", q=text, per_page=count, **more).get("hits", [])

    def suggestions(self, catalog, text):
        return self.answer(catalog, "suggest", q=text).get("suggestions", [])

    def end(self):
        self.connection.close()
        self.server.end()
        if self.refused:
            print(f"{self.refused} requests were refused", file=sys.stderr)
