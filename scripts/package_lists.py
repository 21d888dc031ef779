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
