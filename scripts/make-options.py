#!/usr/bin/env python3
"""Writes docs/options.md, the table of the options of `quire serve`, from what the program says of itself.

    scripts/make-options.py --quire PATH [--check]

With --check nothing is written, and the exit code is 1 if the table is not the one that would be.
"""
import argparse
import json
import os
import subprocess
import sys

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "options.md")
HEAD = """# Options of `quire serve`

`scripts/make-options.py` writes this table from the program's help. Every option may stand on the command line; every one but
`--config` in the file that `--config` or `QUIRE_CONFIG` names, and in the environment. The command line stands above the
environment, the environment above the file. An option that is repeatable is a list of texts in the file, and separated by
commas in the environment; those of the command line are added. What a file or a variable switches on, the command line cannot
switch off. "At SIGHUP" says that a running server takes the option over when it is told to read its
configuration again (`kill -HUP`, `systemctl reload quire`); the others take effect when it is started again.

| option | in the file | in the environment | default | at SIGHUP | meaning, unit |
|---|---|---|---|---|---|
"""


def wrapped(text, width=120):
    """Paragraphs whose lines have at most so many columns; tables stay as they are."""
    lines = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(("|", "#")):
            lines += [paragraph, ""]
            continue
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines += [line, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def table(quire):
    def run(*arguments):
        return subprocess.run([quire, *arguments], capture_output=True, text=True)
    command = json.loads(run("serve", "--experimental-dump-help").stdout)["command"]
    reloadable = {"--allowed-host", "--cors-origin", "--client-rate", "--client-burst", "--key-rate", "--key-burst"}
    renewed = {"--request-log": "opened again", "--tls-certificate": "read again", "--tls-key": "read again"}
    rows = []
    for option in command["arguments"]:
        name = option["preferredName"]["name"]
        if name in ("help", "version"):
            continue
        words = name.split("-")
        isolated = name == "config"
        member = "" if isolated else f"`\"{words[0]}{''.join(word.capitalize() for word in words[1:])}\"`"
        default = f"`{option['defaultValue']}`" if option.get("defaultValue") else "off" if option["kind"] == "flag" else ""
        text = " ".join(option.get("abstract", "").split()).replace("|", "\\|")
        reload = "yes" if f"--{name}" in reloadable else renewed.get(f"--{name}", "")
        rows.append(f"| `--{name}` | {member} | `QUIRE_{name.upper().replace('-', '_')}` | {default} | {reload} | {text} |")
    return wrapped(HEAD + "\n".join(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quire", required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = table(options.quire)
    if options.check:
        with open(FILE) as known:
            if known.read() != text:
                sys.exit("docs/options.md is not what the program says: run scripts/make-options.py --quire PATH")
        return
    with open(FILE, "w") as out:
        out.write(text)


main()
