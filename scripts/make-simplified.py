#!/usr/bin/env python3
"""Writes the table of Chinese character classes that Sources/Analyzer folds by.

    python3 scripts/make-simplified.py --cedict entries.jsonl.gz > Sources/Analyzer/Tables/SimplifiedPairs.swift

Three sources say that two characters are written for one another:

1. ICU's transform Hant-Hans, character by character (the ICU library of this machine, through ctypes);
2. CC-CEDICT's entries, traditional beside simplified, where a character changes at least twice and in at least three of ten of
   its words: this adds 著 = 着, which ICU leaves alone because 著名 keeps it;
3. CC-CEDICT's entries of a single character whose every meaning is to be a variant of another, unless that would join two
   characters that simplified words both use: 嵓 is a variant of 岩 and of 嚴, but 岩 and 严 are two.

Pairs are closed into classes. A class is represented by the member that stands in most simplified words.
"""

import argparse
import collections
import ctypes
import ctypes.util
import gzip
import json
import re
import sys

HAN = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)]
VARIANT = re.compile(r"^(?:(?:old|archaic|erroneous|nonstandard simplified|nonstandard) )?variant of (\w)(?:\|(\w))?\[")


def is_han(c):
    return any(a <= ord(c) <= b for a, b in HAN)


def icu_pairs():
    """(character, what Hant-Hans makes of it) for all it changes."""
    name = ctypes.util.find_library("icui18n")
    version = name.rsplit(".", 1)[1]
    i18n = ctypes.CDLL(name)
    uc = ctypes.CDLL(name.replace("i18n", "uc"))
    status = ctypes.c_int(0)
    ident = "Hant-Hans".encode("utf-16-le") + b"\0\0"
    opened = getattr(i18n, "utrans_openU_" + version)
    opened.restype = ctypes.c_void_p
    transform = opened(ident, 9, 0, None, 0, None, ctypes.byref(status))
    if status.value > 0:
        sys.exit(f"ICU has no transform Hant-Hans (error {status.value})")
    change = getattr(i18n, "utrans_transUChars_" + version)
    pairs = []
    for first, last in HAN:
        for code in range(first, last + 1):
            text = chr(code).encode("utf-16-le")
            buffer = ctypes.create_string_buffer(text, 64)
            length = ctypes.c_int32(len(text) // 2)
            limit = ctypes.c_int32(len(text) // 2)
            status = ctypes.c_int(0)
            change(ctypes.c_void_p(transform), buffer, ctypes.byref(length), 32, 0, ctypes.byref(limit),
                   ctypes.byref(status))
            out = buffer.raw[:length.value * 2].decode("utf-16-le")
            if out != chr(code) and len(out) == 1:
                pairs.append((chr(code), out))
    del uc
    return pairs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cedict", required=True)
    path = parser.parse_args().cedict
    changes = collections.defaultdict(collections.Counter)
    simplified = collections.Counter()
    variants = []
    meanings = collections.defaultdict(list)
    for line in gzip.open(path, "rt", encoding="utf-8"):
        entry = json.loads(line)
        old, new = entry["traditional"], entry["simplified"]
        if len(old) != len(new):
            continue
        for a, b in zip(old, new):
            if is_han(a) and is_han(b):
                changes[a][b] += 1
                simplified[b] += 1
        if len(old) == 1 and is_han(old):
            meanings[old] += entry["english"]
            if old != new:
                meanings[new] += entry["english"]
    for character, texts in meanings.items():
        found = [VARIANT.match(text) for text in texts]
        if texts and all(found):
            variants += [(character, m.group(2) or m.group(1)) for m in found]
    pairs = icu_pairs()
    made = collections.Counter(b for _, b in pairs)
    for a, counts in changes.items():
        total = sum(counts.values())
        pairs += [(a, b) for b, n in counts.items() if a != b and n >= 2 and n * 10 >= total * 3]
    parent = {}

    def root(c):
        parent.setdefault(c, c)
        while parent[c] != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    use = collections.Counter()

    def join(a, b):
        a, b = root(a), root(b)
        if a != b:
            parent[a] = b
            use[b] += use[a]

    for c, n in simplified.items():
        use[c] += n
    for a, b in pairs:
        join(a, b)
    for a, b in variants:
        if is_han(b) and min(use[root(a)], use[root(b)]) < 3:
            join(a, b)
    classes = collections.defaultdict(list)
    for c in sorted(parent):
        classes[root(c)].append(c)
    rows = []
    for members in classes.values():
        best = max(members, key=lambda c: (simplified[c], made[c] > 0, -ord(c)))
        rows += [c + best for c in members if c != best]
        if len(members) > 5:
            print("class:", " ".join(members), "->", best, file=sys.stderr)
    rows.sort()
    print(f"{len(rows)} pairs, {len(classes)} classes", file=sys.stderr)
    print("// Made by scripts/make-simplified.py from ICU's transform Hant-Hans and from CC-CEDICT (https://cc-cedict.org,")
    print("// CC BY-SA 4.0); see NOTICE. Do not edit.\n")
    print("/// Pairs of a character and the one that stands for its class, ascending.")
    print('let simplifiedPairs: StaticString = """')
    for i in range(0, len(rows), 24):
        print("    " + "".join(rows[i:i + 24]) + ("\\" if i + 24 < len(rows) else ""))
    print('    """')


if __name__ == "__main__":
    main()
