#!/usr/bin/env python3
"""Writes the tables of Chinese readings by which Sources/Analyzer makes pinyin.

    python3 scripts/make-pinyin.py --cedict entries.jsonl.gz

Everything comes from CC-CEDICT, simplified, without tones, ü written v. Characters are folded as in SimplifiedPairs.swift, which
must be there already.

A character's readings stand by how many words use them. The first ones, those of at least 3 words and at least 5 % of the
character's words, are common: where no word decides, all common readings count. Words are listed only where they decide something:
from the shortest up, a word is left out when the words before it give its reading already.
"""

import argparse
import collections
import gzip
import json
import re
import sys

SYLLABLE = re.compile(r"[A-Za-z:]+[1-5]")
LONGEST = 8


def folding(path):
    rows = open(path, encoding="utf-8").read().split('"""')[1].split("\n")
    text = "".join(row.strip().rstrip("\\") for row in rows)
    return {text[i]: text[i + 1] for i in range(0, len(text), 2)}


def plain(syllable):
    return re.sub(r"[0-9]", "", syllable.lower().replace("u:", "v"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cedict", required=True)
    path = parser.parse_args().cedict
    fold = folding("Sources/Analyzer/Tables/SimplifiedPairs.swift")
    uses = collections.defaultdict(collections.Counter)
    words = collections.defaultdict(collections.Counter)
    for line in gzip.open(path, "rt", encoding="utf-8"):
        entry = json.loads(line)
        spoken = entry["pinyin"].split()
        if len(spoken) != len(entry["simplified"]) or not all(SYLLABLE.fullmatch(s) for s in spoken):
            continue
        word = "".join(fold.get(c, c) for c in entry["simplified"])
        reading = tuple(plain(s) for s in spoken)
        # Names are written with a capital: 长 in a name is as good as in a word, but one word should not count twice.
        words[word][reading] += 1
        for c, s in zip(word, reading):
            uses[c][s] += 1
    readings, common = {}, {}
    for c, counts in uses.items():
        total = sum(counts.values())
        readings[c] = [s for s, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))]
        common[c] = max(1, sum(1 for n in counts.values() if n >= 3 and n * 20 >= total))
    table = {}

    def resolve(word):
        """What the table so far says: a set of readings for each character."""
        found, i = [], 0
        while i < len(word):
            for size in range(min(LONGEST, len(word) - i), 1, -1):
                known = table.get(word[i:i + size])
                if known:
                    found += [{s} for s in known]
                    i += size
                    break
            else:
                found.append(set(readings[word[i]][:common[word[i]]]))
                i += 1
        return found

    for word in sorted(words, key=lambda w: (len(w), w)):
        if not 2 <= len(word) <= LONGEST:
            continue
        ranked = words[word].most_common()
        if len(ranked) > 1 and ranked[0][1] == ranked[1][1] and len(word) == 2:
            continue
        reading = ranked[0][0]
        if resolve(word) != [{s} for s in reading]:
            table[word] = reading
    by = collections.defaultdict(list)
    for c in sorted(readings):
        first, rest = readings[c][:common[c]], readings[c][common[c]:]
        by["/".join(first) + ("," + "/".join(rest) if rest else "")].append(c)
    groups = []
    for key in sorted(by):
        members = by[key]
        groups += [f"{key}={''.join(members[i:i + 80])}" for i in range(0, len(members), 80)]
    write("CharacterReadings", "characterReadings", groups,
          "Readings (common ones, comma, others) and the characters that have them.")
    items = []
    for word in sorted(table):
        items.append(word + "".join(
            chr(ord("0") + readings[c].index(s)) for c, s in zip(word, table[word]) if len(readings[c]) > 1))
    write("WordReadings", "wordReadings", items,
          "Words that decide between readings: for each character the number of its reading, where it has several.")
    print(f"{len(readings)} characters, {len(groups)} groups, {len(table)} words", file=sys.stderr)


def write(name, constant, items, comment):
    """Writes one table, its items separated by blanks."""
    rows = [""]
    for item in items:
        if len(rows[-1]) + len(item) > 112:
            rows.append("")
        rows[-1] += item + " "
    with open(f"Sources/Analyzer/Tables/{name}.swift", "w", encoding="utf-8") as file:
        print("// Made by scripts/make-pinyin.py from CC-CEDICT (https://cc-cedict.org, CC BY-SA 4.0); see NOTICE. Do not edit.",
              file=file)
        print(f'\n/// {comment}\nlet {constant}: StaticString = """', file=file)
        print("\\\n".join("    " + row for row in rows).rstrip(), file=file)
        print('    """', file=file)


if __name__ == "__main__":
    main()
