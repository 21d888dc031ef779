#!/usr/bin/env python3
"""Checks the house rules that no compiler knows. Run from the project's root: python3 scripts/lint.py

Prints violations as `path:line: message` and exits with 1 when there are any. The rules:
  arrows     a module imports only what the block ```arrows in ARCHITECTURE.md allows: lines such as
             `SearchServer -> Catalog | Hummingbird Logging`, project modules before the bar, all others behind it
  sizes      Swift files up to 400 lines, functions up to 60, lines up to 120 columns (Sources, Tests, Benchmarks, Examples)
  forbidden  in Sources: unfinished-work marks, `try!`, `fatalError(`, and `print(` outside the command line
  paths      no text file names a folder of the machine it was written on
  keys       no text file holds a private key
  names      no public type is named like its module
  folders    no two folders of a module use each other (lint_folders.py)
  prose      Markdown, changelog, doc comments, tests, retired names (lint_prose.py)
Exceptions to sizes stand in scripts/lint-allow.txt, one a line: `path reason` (length of the file and of its lines) or
`path:function reason`. An entry without a reason, or that is no longer needed, is a violation too.
The files are those git tracks or would track.
"""
import os
import re
import subprocess
import sys

import lint_folders
import lint_prose

FILE_LINES, FUNCTION_LINES, COLUMNS = 400, 60, 120
ALLOW = "scripts/lint-allow.txt"
HOUSE = "ARCHITECTURE.md"
COMMAND_LINE = ("Sources/quire/", "Sources/quire-shop/")

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)", re.M)
FUNCTION = re.compile(r"\bfunc\s+([^\s(]+?)\s*[(<]|(?<![.\w])(init)[?!]?\s*[(<]|\b(subscript)\s*[(<]|\b(deinit)\s*\{")
DECLARATION = re.compile(r"[};]|\b(?:func|var|let|init|subscript|case|struct|class|enum|extension|associatedtype)\b")
PUBLIC_TYPE = re.compile(r"\b(?:public|package)\s+(?:(?:final|indirect)\s+)*(?:struct|class|enum|protocol|actor)\s+(\w+)")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")
FORBIDDEN = re.compile(r"\btry!|\bfatalError\(")
PRINT = re.compile(r"(?<![\w.])print\(")
# A path that exists on one machine only: homes, mounts, local installations.
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY" + r"-----")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.-])/(home|Users|root|mnt|media|srv|opt)/")

violations = set()


def report(path, line, message):
    violations.add((path, line, message))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def comment_end(text, start):
    """The end of the nested block comment that begins at `start`."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", text[start:]):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return start + mark.end()
    return len(text)


def string_end(text, start):
    """The end of the string literal that begins at `start` (with its #, if it is raw); interpolations are skipped."""
    hashes = re.match("#*", text[start:]).group()
    quote = '"""' if text.startswith('"""', start + len(hashes)) else '"'
    close, escape = quote + hashes, "\\" + hashes
    i = start + len(hashes) + len(quote)
    while i < len(text):
        if text.startswith(close, i):
            return i + len(close)
        if text.startswith(escape + "(", i):
            i = matching(text, i + len(escape))
        elif text.startswith(escape, i):
            i += len(escape) + 1
        elif text[i] == "\n" and quote == '"':
            return i
        else:
            i += 1
    return len(text)


def matching(text, start):
    """Just behind the bracket that closes the one at `start`, in text with strings and comments."""
    depth, i = 0, start
    while i < len(text):
        if starts_string(text, i):
            i = string_end(text, i)
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(text[i], 0)
        i += 1
        if depth == 0:
            return i
    return len(text)


def starts_string(text, i):
    return text[i] == '"' or text[i] == "#" and re.match(r'#+"', text[i:i + 8]) is not None


def code_of(text):
    """Swift text with comments and strings blanked; lines and columns stay."""
    out, i = [], 0
    while i < len(text):
        if text.startswith("//", i):
            end = text.find("\n", i)
            end = len(text) if end < 0 else end
        elif text.startswith("/*", i):
            end = comment_end(text, i)
        elif starts_string(text, i):
            end = string_end(text, i)
        else:
            out.append(text[i])
            i += 1
            continue
        out.append(blank(text[i:end]))
        i = end
    return "".join(out)


def functions(code):
    """Name, first line and number of lines of every function that has a body."""
    for found in FUNCTION.finditer(code):
        name = next(group for group in found.groups() if group)
        begin = found.end() - 1
        if name != "deinit":
            begin = matching(code, code.find("(", begin))
        brace = code.find("{", begin)
        if brace < 0 or DECLARATION.search(code, begin, brace):
            continue  # a protocol's requirement
        first = line_of(code, found.start())
        yield name, first, line_of(code, matching(code, brace) - 1) - first + 1


def read_arrows():
    """Module -> (line, project modules, other modules), or None without a block."""
    text = open(HOUSE, encoding="utf8").read() if os.path.exists(HOUSE) else ""
    block = re.search(r"^```arrows[ \t]*\n(.*?)^```", text, re.M | re.S)
    if not block:
        report(HOUSE, 1, "has no block ```arrows that says which module may import which")
        return None
    arrows = {}
    for number, line in enumerate(block.group(1).splitlines(), line_of(text, block.start(1))):
        parts = re.fullmatch(r"\s*([\w-]+)\s*->([\w\s]*)(?:\|([\w\s]*))?", line)
        if parts:
            if parts[1] in arrows:
                report(HOUSE, number, f"a second line for {parts[1]}")
            arrows[parts[1]] = (number, set(parts[2].split()), set((parts[3] or "").split()))
        elif line.strip():
            report(HOUSE, number, "not of the form `Module -> Module Module | Other Other`")
    return arrows


def check_arrows(arrows, sources, modules):
    for module, (line, inner, _) in arrows.items():
        for name in sorted({module} | inner):
            if name not in modules:
                report(HOUSE, line, f"there is no module {name} under Sources")
    for path, (_, code) in sources.items():
        module = path.split("/")[1]
        _, inner, outer = arrows.get(module, (0, set(), set()))
        for found in IMPORT.finditer(code):
            name = found[1]
            if name not in (inner if name in modules else outer):
                report(path, line_of(code, found.start(1)), f"{module} may not import {name} (see {HOUSE})")


def read_allowed():
    """Entry -> line of the allow list."""
    allowed = {}
    if os.path.exists(ALLOW):
        for number, line in enumerate(open(ALLOW, encoding="utf8"), 1):
            words = line.split(None, 1)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 2 or not words[1].strip():
                report(ALLOW, number, f"{words[0]} has no reason")
            allowed[words[0]] = number
    return allowed


def check_sizes(swift, allowed):
    needed = set()

    def exceed(entry, path, line, message):
        needed.add(entry)
        if entry not in allowed:
            report(path, line, message)

    for path, (text, code) in swift.items():
        lines = text.splitlines()
        if len(lines) > FILE_LINES:
            exceed(path, path, FILE_LINES + 1, f"the file has {len(lines)} lines, {FILE_LINES} are the most")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                exceed(path, path, number, f"the line has {len(line)} columns, {COLUMNS} are the most")
        for name, line, count in functions(code):
            if count > FUNCTION_LINES:
                exceed(f"{path}:{name}", path, line, f"{name} has {count} lines, {FUNCTION_LINES} are the most")
    for entry in sorted(set(allowed) - needed):
        report(ALLOW, allowed[entry], f"{entry} is no longer needed")


def check_words(path, text, code):
    for found in UNFINISHED.finditer(text):
        report(path, line_of(text, found.start()), f"{found.group()}: finish it or write an issue")
    for found in FORBIDDEN.finditer(code):
        report(path, line_of(code, found.start()), f"{found.group()} is not allowed in Sources: throw an error")
    for found in PRINT.finditer(code):
        if not path.startswith(COMMAND_LINE):
            report(path, line_of(code, found.start()), f"print is for {' and '.join(COMMAND_LINE)} only: use a logger")
    for found in PUBLIC_TYPE.finditer(code):
        if found[1] == path.split("/")[1]:
            report(path, line_of(code, found.start()), f"a public type is named like its module {found[1]}")


def check_prose(files, swift):
    for path, text in files.items():
        if path.endswith(".md"):
            for line, message in lint_prose.markdown(path, text):
                report(path, line, message)
        if path == "CHANGELOG.md":
            for line, message in lint_prose.changelog(text):
                report(path, line, message)
    for path, (text, code) in swift.items():
        for line, message in lint_prose.swift(path, text, code):
            report(path, line, message)
        for line, message in lint_prose.names(path, code):
            report(path, line, message)
    for path, message in lint_prose.mirrors(swift):
        report(path, 1, message)


def texts():
    """Path -> text of every file that is text."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True)
    for path in sorted(filter(None, listing.stdout.decode().split("\0"))):
        if not os.path.isfile(path) or path.endswith((".gz", ".png")):
            continue
        data = open(path, "rb").read()
        if b"\0" not in data[:8192]:
            yield path, data.decode(errors="replace")


def main():
    files = dict(texts())
    swift = {
        path: (text, code_of(text)) for path, text in files.items()
        if path.endswith(".swift") and path.startswith(("Sources/", "Tests/", "Benchmarks/", "Examples/"))}
    sources = {path: both for path, both in swift.items() if path.startswith("Sources/")}
    modules = {path.split("/")[1] for path in files if path.startswith("Sources/")}
    arrows = read_arrows()
    if arrows is not None:
        check_arrows(arrows, sources, modules)
    for path, message in lint_folders.circles({path: code for path, (_, code) in sources.items()}):
        report(path, 1, message)
    check_sizes(swift, read_allowed())
    check_prose(files, swift)
    for path, text in files.items():
        if path.startswith("Sources/"):
            check_words(path, text, sources[path][1] if path in sources else "")
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line):
                report(path, number, "names a folder of somebody's machine")
            if PRIVATE_KEY.search(line):
                report(path, number, "holds a private key: keys belong into no repository")
    for path, line, message in sorted(violations):
        print(f"{path}:{line}: {message}")
    sys.exit(1 if violations else 0)


main()
