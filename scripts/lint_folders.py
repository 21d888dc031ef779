"""Finds circles of folders inside a module: folder A names what only folder B declares, and the other way round.

It reads text, not types: a use is a name that a single file of the module declares at top level or in a type, or a member
that only an extension adds and nothing else in the sources is called.
"""
import collections
import os
import re

DECLARATION = re.compile(
    r"^((?:@\w+(?:\([^)]*\))?\s+|(?:public|package|internal|private|fileprivate|final|indirect)(?:\(\w+\))?\s+)*)"
    r"(?:struct|class|enum|protocol|actor|func)\s+([A-Za-z_]\w*)", re.M)
NESTED = re.compile(r"\b(?:struct|class|enum|protocol|actor)\s+([A-Z]\w*)")
LOCAL = re.compile(r"\b(?:typealias|associatedtype)\s+(\w+)|<(\w+)(?::[^<>]*)?>")
EXTENSION = re.compile(r"^(?:package |public |internal )?extension\s+[\w.<>]+[^{\n]*\{\n(.*?)^\}", re.M | re.S)
MEMBER = re.compile(r"^    (?!private|fileprivate)(?:[a-z]+ |@\w+(?:\([^)]*\))? )*(?:func|var)\s+([a-z_]\w{3,})", re.M)
ANY_MEMBER = re.compile(r"\b(?:func|var|let|case)\s+([a-z_]\w{3,})")
WORD = re.compile(r"[A-Za-z_]\w*")


def owners(codes):
    """Name -> the one file that declares it, for the names of which there is only one declaration."""
    found = collections.defaultdict(set)
    for path, code in codes.items():
        for declaration in DECLARATION.finditer(code):
            if "private" not in declaration[1]:
                found[declaration[2]].add(path)
        for name in NESTED.findall(code):
            if name not in found:
                found[name].add(path)
    times = collections.Counter(name for code in codes.values() for name in set(ANY_MEMBER.findall(code)))
    for path, code in codes.items():
        for body in EXTENSION.findall(code):
            for name in MEMBER.findall(body):
                if times[name] == 1 and name not in found:
                    found[name].add(path)
    return {name: next(iter(paths)) for name, paths in found.items() if len(paths) == 1 and len(name) > 2}


def uses(codes):
    """Folder -> folder of the same module -> the names used, as `file: name`."""
    single = owners(codes)
    arrows = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, code in codes.items():
        local = {name for pair in LOCAL.findall(code) for name in pair if name}
        for name in set(WORD.findall(code)) - local:
            home = single.get(name)
            if not home or home.split("/")[1] != path.split("/")[1]:
                continue
            here, there = os.path.dirname(path), os.path.dirname(home)
            if here != there:
                arrows[here][there].add(f"{path}: {name}")
    return arrows


def reachable(arrows, start):
    seen, waiting = set(), [start]
    while waiting:
        for folder in arrows.get(waiting.pop(), ()):
            if folder not in seen:
                seen.add(folder)
                waiting.append(folder)
    return seen


def circles(codes):
    """Pairs of folders that use each other, perhaps through others, with one use that closes the circle."""
    arrows = uses(codes)
    reach = {folder: reachable(arrows, folder) for folder in arrows}
    for folder in sorted(arrows):
        for other in sorted(arrows[folder]):
            if folder in reach.get(other, ()):
                path, name = sorted(arrows[folder][other])[0].split(": ")
                yield path, f"{name} is in {other}, which uses {folder}: folders may not use each other"
