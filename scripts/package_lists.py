"""Reads the lists of packages, npm.tsv and pypi.tsv: tab-separated, below a row of titles, names first and summaries last."""

import os


def read(folder):
    """The ecosystem, the name and the summary of each package."""
    for ecosystem in ("npm", "pypi"):
        with open(os.path.join(folder, ecosystem + ".tsv"), encoding="utf8") as lines:
            next(lines)
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                yield ecosystem, cells[0], cells[-1]


def read_popularity(folder):
    """The ecosystem, the name, the downloads a month (npm) or None, and the rank by downloads (PyPI) or None of each package."""
    for ecosystem, title in (("npm", "downloads_a_month"), ("pypi", "rank_among_15000_most_downloaded")):
        with open(os.path.join(folder, ecosystem + ".tsv"), encoding="utf8") as lines:
            column = next(lines).rstrip("\n").split("\t").index(title)
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                number = int(cells[column]) if cells[column].isdigit() else None
                yield ecosystem, cells[0], *((number, None) if ecosystem == "npm" else (None, number))
