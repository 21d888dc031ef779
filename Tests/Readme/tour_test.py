#!/usr/bin/env python3
"""Runs every command of the README, and follows its links.

usage: tour_test.py path/to/quire

The commands run in one shell, in the README's order and in a folder of their own, beside a server with the bundled
catalog. A command that fails, an output that differs from the one shown, a link to nothing, or an option or a
parameter that the program does not know ends the test with exit code 1. In a shown output `…` stands for any lines,
and durations may differ. The files that a reader would bring are made from the bundled catalog.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import served

ADDRESS = "127.0.0.1:8080"
PROGRAMS = ("quire", "curl", "zcat", "key=", "query=")
"""What the first word of a block of commands without `$` can be."""
END = "== end of command"


class Step:
    """A command, the README's line it stands on, and the output shown for it."""

    def __init__(self, line, command, expected=()):
        self.line, self.command, self.expected = line, command, list(expected)


def steps(readme):
    """All commands in the README's blocks of code."""
    for line, block in blocks(readme):
        if block[0].startswith("$ "):
            step = None
            for offset, text in enumerate(block):
                if text.startswith("$ "):
                    if step:
                        yield step
                    step = Step(line + offset, text[2:])
                else:
                    step.expected.append(text)
            yield step
        elif block[0].startswith(PROGRAMS):
            yield Step(line, "\n".join(block))
        elif block[0].startswith("./"):
            for command in block:
                assert os.access(os.path.join(ROOT, command.split()[0]), os.X_OK), f"README.md:{line}: {command}"
        elif block[0].startswith('"'):
            json.loads("{" + "\n".join(block) + "}")
        else:
            sys.exit(f"README.md:{line}: this block is neither commands nor JSON")


def blocks(readme):
    """The number of the first line and the lines of each block of code."""
    block = None
    for number, line in enumerate(readme.splitlines(), 1):
        if line.startswith("```"):
            if block:
                yield start, block
            start, block = number + 1, None if block else []
            if block is None:
                continue
        elif block is not None:
            block.append(line)


def bring_files(folder, quire):
    """Makes the files that the commands read."""
    catalog = os.path.join(ROOT, "Fixtures", "catalog")
    os.symlink(os.path.join(ROOT, "Fixtures"), os.path.join(folder, "Fixtures"))
    os.makedirs(os.path.join(folder, ".build", "release"))
    os.symlink(quire, os.path.join(folder, ".build", "release", "quire"))
    for name in ["schema.json", "profile.json"]:
        shutil.copy(os.path.join(catalog, name), folder)
    lines = []
    for name in sorted(os.listdir(catalog)):
        if name.endswith(".jsonl"):
            with open(os.path.join(catalog, name), "rb") as books:
                lines += books
    for name, content in [("books.jsonl.gz", lines[:-100]), ("dump.gz", lines[:-100])]:
        with gzip.open(os.path.join(folder, name), "wb") as file:
            file.writelines(content)
    for name, content in [("new.jsonl", lines[-100:]), ("prices.jsonl", lines[:10])]:
        with open(os.path.join(folder, name), "wb") as file:
            file.writelines(content)
    with open(os.path.join(folder, "more.csv"), "w") as file:
        file.write("id,title,author,price,language\nm1,A First Book,Somebody,12.50,en\n")
    with open(os.path.join(folder, "pypi.tsv"), "w") as file:
        file.write("name\tversion\tsummary\nnumpy\t2.0\tarrays of numbers\n")
    with open(os.path.join(folder, "npm.tsv"), "w") as file:
        file.write("name\tversion\tsummary\nexpress\t5.0\ta web framework\n")


def run(steps, folder, port):
    """Runs the commands in one shell; reports those that fail or print something else."""
    shell = subprocess.Popen(
        ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shell.stdin.write("shopt -s expand_aliases\nset -o pipefail\ncurl() { command curl --fail-with-body -sS \"$@\"; }\n")
    failures = []
    for step in steps:
        command = step.command.replace(ADDRESS, f"127.0.0.1:{port}").replace("/backups/", f"{folder}/backups-")
        # Each command of a block counts; a subshell would not keep the variables that the next block uses.
        command = f"failed=0; trap 'failed=$?' ERR\n{command}\n(exit $failed)"
        shell.stdin.write(f"{command}\ncode=$?; echo; echo '{END}' $code\n")
        shell.stdin.flush()
        output = []
        while not (line := shell.stdout.readline()).startswith(END):
            if not line:
                sys.exit(f"README.md:{step.line}: the shell ended: {''.join(output)}")
            output.append(line.rstrip("\n"))
        if line.split()[-1] != "0":
            failures.append(f"README.md:{step.line}: exit code {line.split()[-1]}: {step.command}\n" + "\n".join(output))
        elif step.expected and not is_shown(step.expected, output):
            failures.append(
                f"README.md:{step.line}: {step.command} printed something else than is shown:\n" + "\n".join(output))
    shell.stdin.close()
    shell.wait()
    return failures


def is_shown(expected, output):
    """Whether an output is the one shown, up to durations and lines left out."""
    pattern = "\n".join(r"[\s\S]*" if line == "…" else re.escape(line) for line in expected)
    pattern = re.sub(r"[0-9.]+\\ ms", r"[0-9.]+ ms", pattern.replace("\\.", "."))
    return re.fullmatch(pattern + r"\s*", "\n".join(output)) is not None


def dead_links(readme):
    """Links of the README to files that do not exist."""
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", readme)
    for target in (one or other for one, other in targets):
        if not target.startswith("http") and not os.path.exists(os.path.join(ROOT, target)):
            yield f"README.md: nothing is at {target}"


def unknown_options(readme, quire):
    """Options in the README's table of commands that the program's help does not have."""
    for names, cell in re.findall(r"^\| `quire ([a-z`, ]+)` \| (.*) \|$", readme, re.MULTILINE):
        command = names.split("`")[0].split()[0]
        help = subprocess.run([quire, "help", command], capture_output=True, text=True, check=True).stdout
        for option in re.findall(r"`(--[a-z-]+)`", cell):
            if not re.search(option + r"(?![a-z-])", help):
                yield f"README.md: quire {command} has no option {option}"


def unknown_parameters(readme, connection):
    """Rows of the README's table of search parameters that the server does not know."""
    table = readme.split("### Search parameters")[1].split("\n\n")[1]
    for row in table.splitlines()[2:]:
        for name in re.findall(r"`([a-z_]+)`", row.split("|")[1]):
            _, body = served.get(connection, f"/v1/books/search?{name}=%00")
            if json.loads(body).get("code") == "unknown_parameter":
                yield f"README.md: the search has no parameter {name}"


def main():
    quire = os.path.abspath(sys.argv[1])
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    tour = list(steps(readme))
    with tempfile.TemporaryDirectory() as folder:
        bring_files(folder, quire)
        data, catalog = os.path.join(folder, "quire-data"), os.path.join(ROOT, "Fixtures", "catalog")
        files = [os.path.join(catalog, name) for name in sorted(os.listdir(catalog)) if name.endswith(".jsonl")]
        subprocess.run(
            [quire, "index", "--data", data, "--catalog", "books", "--schema", os.path.join(catalog, "schema.json"),
             "--profile", os.path.join(catalog, "profile.json"), *files], check=True, stderr=subprocess.DEVNULL)
        server = served.Server(quire, data)
        try:
            failures = list(unknown_parameters(readme, server.connect())) + run(tour, folder, server.port)
        finally:
            ended = server.end()
        if ended != 0:
            failures.append(f"the server ended with exit code {ended}")
    failures += [*dead_links(readme), *unknown_options(readme, quire)]
    print("\n\n".join(failures) or f"{len(tour)} commands of the README ran")
    sys.exit(bool(failures))


main()
