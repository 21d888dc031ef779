#!/usr/bin/env python3
"""Ranks the judged queries by the best rival of each set, so that run.py can compare them query by query.

    Benchmarks/Relevance/rivals.py --data DIR --tools TOOLS [--work DIR] [SET]...

TOOLS has a Java runtime and Lucene's jars (lucene/jre, lucene/jars, lucene/stubs), as the peers' set-up leaves them; this script needs a
Python with the package tantivy, such as TOOLS/py/bin/python, and SQLite with FTS5. Each set's rival is the best configuration of
BASELINES.md, set up as that file says. WORK/<set>.rival.run holds its hundred best documents for each query, as TREC's tools write
them. What is printed is its nDCG@10 beside that of BASELINES.md, which it should meet within .002.
"""

import argparse
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from run import BEST, SETS, TEXTS, documents, sample  # noqa: E402
from runs import mean, measures, read_judgments, read_run  # noqa: E402

RIVALS = {
    "en-cacm": "lucene english combined", "en-cisi": "lucene english combined", "en-cranfield": "lucene english combined",
    "en-crowdflower": "sqlite trigram f3", "xquad-en": "tantivy en_stem one", "xquad-zh": "tantivy bigram one",
    "ja-jaquad": "lucene standard one", "zh-book-titles": "tantivy bigram f3", "zh-cmrc2018": "lucene cjk max",
    "zh-qbqtc": "lucene standard one", "zhhant-drcd": "lucene cjk one",
}
CJK = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")


def flat(value):
    """A text, or the texts of a list, without tabs and line breaks."""
    return " ".join((" ".join(value) if isinstance(value, list) else value or "").split())


def rows(data, name):
    """The key, the title and all other text of each document."""
    for path in documents(data, name):
        for line in gzip.open(path, "rt", encoding="utf-8"):
            document = json.loads(line)
            rest = " ".join(filter(None, (flat(document.get(member)) for member in TEXTS if member != "title")))
            yield document["id"], flat(document.get("title")), rest


def bigrams(text):
    """Lower-cased words and pairs of CJK characters."""
    for found in RUNS.findall(text.lower()):
        if re.match(f"[{CJK}]", found) and len(found) > 1:
            yield from (found[i:i + 2] for i in range(len(found) - 1))
        else:
            yield found


def lucene(options, rows, queries, analyzer, fields):
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["javac", "-nowarn", "--release", "17", "-cp", f"{options.tools}/lucene/stubs/*", "-d", work,
                        f"{HERE}/RivalRanker.java"], check=True)
        with open(f"{work}/documents", "w", encoding="utf-8") as out:
            out.writelines("\t".join(row) + "\n" for row in rows)
        with open(f"{work}/queries", "w", encoding="utf-8") as out:
            out.writelines("\t".join(query) + "\n" for query in queries)
        java = [f"{options.tools}/lucene/jre/bin/java", "-Xmx3g", "-cp", f"{work}:{options.tools}/lucene/jars/*"]
        done = subprocess.run(java + ["RivalRanker", analyzer, fields, f"{work}/documents", f"{work}/queries"], check=True,
                              stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        query, _, key, _, score, _ = line.split()
        yield query, key, float(score)


def sqlite(_, rows, queries, tokenizer, fields):
    """Every window of three characters of the query, at most 200, joined with OR; titles three times as heavy."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE d USING fts5(key UNINDEXED, title, rest, tokenize = '{tokenizer}')")
    database.executemany("INSERT INTO d VALUES (?, ?, ?)", rows)
    weight = 3 if fields == "f3" else 1
    for query, text in queries:
        windows = [text[i:i + 3].replace('"', '""') for i in range(min(len(text) - 2, 200))]
        match = " OR ".join(f'"{window}"' for window in windows)
        statement = f"SELECT key, bm25(d, 0, {weight}, 1) FROM d WHERE d MATCH ? ORDER BY 2 LIMIT 100"
        for key, score in database.execute(statement, [match]) if windows else []:
            yield query, key, -score


def tantivy(_, rows, queries, tokenizer, fields):
    import tantivy as engine
    isCut = tokenizer == "bigram"
    builder = engine.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw")
    for field in ("title", "rest"):
        builder.add_text_field(field, tokenizer_name="cut" if isCut else tokenizer)
    schema = builder.build()
    index = engine.Index(schema)
    index.register_tokenizer("cut", engine.TextAnalyzerBuilder(engine.Tokenizer.whitespace()).build())
    writer = index.writer(256_000_000, 1)
    for key, title, rest in rows:
        if fields == "one":
            title, rest = f"{title} {rest}", ""
        if isCut:
            title, rest = " ".join(bigrams(title)), " ".join(bigrams(rest))
        writer.add_document(engine.Document(key=key, title=title, rest=rest))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    weights = {"title": 3.0, "rest": 1.0} if fields == "f3" else {"title": 1.0}
    for query, text in queries:
        words = " ".join(bigrams(text))
        if not words:
            continue
        parsed = index.parse_query(words, list(weights), field_boosts=weights)
        for score, address in searcher.search(parsed, 100).hits:
            yield query, searcher.doc(address)["key"][0], score


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--work", default="relevance-data")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    print("| set | rival | nDCG@10 | in BASELINES.md | recall@100 |\n|---|---|---|---|---|")
    for name in options.sets or SETS:
        path, source = f"{options.work}/{name}.rival.run", f"{options.work}/{name}.queries.tsv"
        sample(f"{options.data}/judged/{name}/queries.tsv", source)
        queries = [tuple(line.rstrip("\n").split("\t", 1)) for line in open(source, encoding="utf-8")]
        engine, tokenizer, fields = RIVALS[name].split()
        ranking = globals()[engine](options, rows(options.data, name), queries, tokenizer, fields)
        with open(path + ".new", "w", encoding="utf-8") as out:
            previous, rank = None, 0
            for query, key, score in ranking:
                rank = rank + 1 if query == previous else 1
                previous = query
                out.write(f"{query} Q0 {key} {rank} {score} {engine}\n")
        os.replace(path + ".new", path)
        judgments = read_judgments(f"{options.data}/judged/{name}/qrels.tsv")
        found = list(measures(read_run(path), judgments, [query for query, _ in queries]).values())
        print(f"| {name} | {RIVALS[name]} | {mean([n for n, _ in found]):.4f} | {BEST[name]:.4f} "
              f"| {mean([r for _, r in found]):.4f} |", flush=True)


if __name__ == "__main__":
    main()
