#!/usr/bin/env python3
"""Builds the documentation site from the project's Markdown and the description of its API.

    scripts/build-site.py [--out site] [--modules .build/debug] [--base /quire]
    scripts/build-site.py --check     # builds it in a temporary folder, for its verdict alone

The README is split into the pages start, tour and API; every other page is a Markdown file, and a file that a page links to is a
page or a copy too. The pages work from files as well as from a server, in any folder, and have no JavaScript. Ends with 1, and
names it, if a link or an anchor of a page leads nowhere. With --modules, the folder of a debug build, the site also has the
reference of the Swift modules by DocC, which needs a server and JavaScript; --base is the path of the site there. Markdown is read as GitHub does, by markdown-it-py, which is installed
from PyPI into .build/markdown.
"""
import argparse
import html
import importlib
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import site_check
import site_modules
import site_reference

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELEASES, FOLDER = ["markdown-it-py==4.3.0", "mdurl==0.1.2"], os.path.join(ROOT, ".build", "markdown")
DESCRIPTION = "Sources/SearchServer/API/openapi.json"
COLORS, STYLE = "Sources/PageResources/app.css", "docs/site.css"

# The pages that are not made of one file each: their titles, and the sections of the README that they show.
START = ["Run it", "Why Quire", "Where to read on", "Licenses"]
"""The sections of the README behind its head. What neither this page nor that of the API names is part of the tour."""
API = ["HTTP API"]
# The navigation: title, page, and the file that the page is made of.
NAVIGATION = [
    ("Start", "index.html", None),
    ("Tour", "tour.html", None),
    ("API", "api.html", None),
    ("API reference", "reference.html", None),
    ("Tuning", "tuning.html", "docs/tuning.md"),
    ("Operating", "operate.html", "docs/operate.md"),
    ("Options", "options.html", "docs/options.md"),
    ("The shop", "shop.html", "docs/shop.md"),
    ("Clients", "clients.html", "Examples/Clients/README.md"),
    ("Changelog", "changelog.html", "CHANGELOG.md"),
]
INTERNALS = [
    ("Architecture", "internals/architecture.html", "ARCHITECTURE.md"),
    ("Segment format", "internals/segment-format.html", "Sources/Segments/Segment/SegmentFormat.md"),
    ("Decisions", "internals/decisions/index.html", "docs/decisions/README.md"),
    ("Proofs", "internals/proofs.html", "docs/proofs.md"),
    ("Benchmarks", "internals/benchmarks.html", "Benchmarks/README.md"),
    ("Contributing", "internals/contributing.html", "CONTRIBUTING.md"),
]
MODULES = ("Swift modules", f"{site_modules.FOLDER}/documentation/index.html", None)
"""The page that is there with the reference of the modules."""


class Page:
    """A page: where it is, the file it is made of, its text as HTML, and its headings of the second level."""

    def __init__(self, path, source, title, body, headings=()):
        self.path, self.source, self.title, self.body, self.headings = path, source, title, body, list(headings)
        self.anchors = set(re.findall(r'\bid="([^"]+)"', body))


def load_markdown():
    """The reader of Markdown, which is installed first if it is missing; None where that is impossible."""
    sys.path.insert(0, FOLDER)
    try:
        import markdown_it
    except ImportError:
        if subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--root-user-action=ignore", "--no-deps",
                           "--target", FOLDER, *RELEASES]).returncode:
            return None
        importlib.invalidate_caches()
        import markdown_it
    return markdown_it.MarkdownIt("commonmark").enable("table")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def anchor(heading, taken):
    """The anchor that GitHub gives to a heading."""
    name = first = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    number = 0
    while name in taken:
        number += 1
        name = f"{first}-{number}"
    taken.add(name)
    return name


def convert(markdown, path, source, text):
    """The page of a Markdown text."""
    tokens, taken, headings = markdown.parse(text), set(), []
    for token, inline in zip(tokens, tokens[1:]):
        if token.type == "heading_open":
            words = "".join(child.content for child in inline.children if child.type in ("text", "code_inline"))
            token.attrSet("id", anchor(words, taken))
            headings.append((token.tag, token.attrs["id"], words))
    stack_tables(tokens)
    body = markdown.renderer.render(tokens, markdown.options, {})
    body = re.sub("<table.*?>", '<div class="table">\\g<0>', body).replace("</table>", "</table></div>")
    sections = [{"id": name, "name": words} for tag, name, words in headings if tag == "h2"]
    return Page(path, source, headings[0][2], body, sections)


def stack_tables(tokens):
    """Marks the tables of texts, of which a narrow page shows each row as a block; gives their cells the titles of the columns."""
    for start, table in enumerate(tokens):
        if table.type != "table_open":
            continue
        end = next(index for index in range(start, len(tokens)) if tokens[index].type == "table_close")
        cells = [(tokens[index], tokens[index + 1].content) for index in range(start, end) if tokens[index].tag in ("th", "td")
                 and tokens[index].nesting == 1]
        titles = [text for cell, text in cells if cell.tag == "th"]
        if len(titles) <= 6 and max(len(text) for _, text in cells) > 60:
            table.attrSet("class", "stacked")
            for number, (cell, _) in enumerate(cells):
                title = titles[number % len(titles)]
                if title and cell.tag == "td":
                    cell.attrSet("data-title", title)


def readme_pages(markdown):
    """The pages that the README is split into."""
    head, *sections = re.split(r"(?m)^(?=## )", outside_code(read("README.md"), "## "))
    titled = {section.splitlines()[0][3:]: section for section in sections}
    for title in START + API + ["A tour"]:
        if title not in titled:
            sys.exit(f"README.md: there is no section \"{title}\"")
    tour = [titled["A tour"]] + [section for title, section in titled.items() if title not in START + API + ["A tour"]]
    tour[0] = promoted(tour[0])
    parts = {
        "index.html": head + "".join(titled[title] for title in START),
        "tour.html": "".join(tour),
        "api.html": "".join(promoted(titled[title]) for title in API),
    }
    for path, text in parts.items():
        yield convert(markdown, path, "README.md", text.replace(HIDDEN, "## "))


HIDDEN = "\0\0"


def outside_code(text, mark):
    """The text with a mark hidden where it begins a line of code."""
    return re.sub(r"(?ms)^```.*?^```$", lambda block: re.sub(f"(?m)^{mark}", HIDDEN, block[0]), text)


def promoted(section):
    """A section with its headings one level up."""
    code = False
    lines = []
    for line in section.splitlines(keepends=True):
        code ^= line.startswith("```")
        lines.append(line[1:] if line.startswith("##") and not code else line)
    return "".join(lines)


def build_pages(markdown):
    """Every page, by its path: those of the navigation first, then whatever they link to."""
    pages = {page.path: page for page in readme_pages(markdown)}
    pages["reference.html"] = Page("reference.html", DESCRIPTION, *site_reference.render(read(DESCRIPTION)))
    waiting = [(path, source) for _, path, source in NAVIGATION + INTERNALS if source]
    known = {source for _, source in waiting} | {"README.md"}

    def follow(page):
        for target in links(page):
            source = resolve(page.source, target)
            if source.endswith(".md") and source not in known and os.path.exists(os.path.join(ROOT, source)):
                known.add(source)
                waiting.append((place(source), source))

    for page in pages.values():
        follow(page)
    while waiting:
        path, source = waiting.pop(0)
        pages[path] = convert(markdown, path, source, read(source))
        follow(pages[path])
    return pages


def place(source):
    """The path of the page for a file that the navigation does not name."""
    name = os.path.splitext(source)[0].lower()
    return f"internals/{name.removeprefix('docs/').replace('benchmarks/', 'benchmarks-')}.html"


LINK = re.compile(r'(?P<start><(?:a|img)\b[^>]*?\b(?P<kind>href|src)=")(?P<target>[^"]*)(?=")')


def links(page):
    """The files that a page links to, as it writes them."""
    for found in LINK.finditer(page.body):
        target = html.unescape(found["target"])
        if not re.match(r"[a-z]+:|#", target) and page.source != DESCRIPTION:
            yield target.split("#")[0]


def resolve(source, target):
    """The file that a link of a file leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), urllib.parse.unquote(target)))


def relink(page, pages, copies):
    """Makes the links of a page lead to pages, and to copies of files, which it adds."""
    by_source = {}
    for other in pages.values():
        by_source.setdefault(other.source, []).append(other)

    def rewritten(found):
        target = html.unescape(found["target"])
        if re.match(r"[a-z]+:", target) or page.source == DESCRIPTION:
            return found[0]
        name, _, fragment = target.partition("#")
        file = resolve(page.source, name) if name else page.source
        candidates = [page] * (not name) + by_source.get(file, [])
        if candidates:
            other = next((one for one in candidates if fragment in one.anchors), candidates[0])
            path = "" if other is page and fragment else other.path
        elif os.path.isfile(os.path.join(ROOT, file)):
            copies[file] = path = f"files/{file.replace('docs/images/', 'images/')}"
        else:
            return found[0]
        relative = posixpath.relpath(path, posixpath.dirname(page.path) or ".") if path else ""
        return found["start"] + html.escape(relative + ("#" + fragment if fragment else ""))

    page.body = LINK.sub(rewritten, page.body)
    # The name of a file that has a page, as the text has it, leads there.
    files = {source: others[0].path for source, others in by_source.items() if len(others) == 1 and others[0] is not page}

    def linked(code):
        path = files.get(code[2])
        return f'{code[1]}<a href="{posixpath.relpath(path, posixpath.dirname(page.path) or ".")}">{code[0][len(code[1]):]}</a>' \
            if path else code[0]

    page.body = re.sub(r"((?:^|(?<!</a>)(?<=[\s(>])))<code>([\w./-]+\.md)</code>(?!</a>)", linked, page.body)


def navigation(page):
    """The list of all pages, with the sections of the one that is shown."""
    folder = posixpath.dirname(page.path) or "."
    shown = {path for _, path, _ in NAVIGATION + INTERNALS}
    items = []
    for title, path, _ in NAVIGATION + [("Internals", None, None)] + INTERNALS:
        if path is None:
            items.append(f'<li class="group">{title}</li>')
            continue
        # A decision is found under the decisions.
        here = page.path not in shown and path.startswith("internals/decisions/") and page.path.startswith("internals/decisions/")
        current = ' aria-current="page"' if path == page.path else ' class="above"' if here else ""
        items.append(f'<li><a href="{posixpath.relpath(path, folder)}"{current}>{title}</a>')
        if path == page.path and page.headings:
            sections = "".join(f'<li><a href="#{one["id"]}">{html.escape(one["name"])}</a></li>' for one in page.headings)
            items.append(f"<ul>{sections}</ul>")
        items.append("</li>")
    return f'<nav aria-label="Pages"><ul>{"".join(items)}</ul></nav>'


def document(page):
    """The whole HTML of a page."""
    folder = posixpath.dirname(page.path) or "."
    title = html.escape(page.title)
    start = posixpath.relpath("index.html", folder)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title if title == "Quire" else title + " · Quire"}</title>
<link rel="stylesheet" href="{posixpath.relpath("site.css", folder)}">
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header><a href="{start}">Quire</a> <span>Full-text search and catalog service</span></header>
<div class="columns">
{navigation(page)}
<main id="text">
{page.body}
</main>
</div>
</body>
</html>
"""


def stylesheet():
    """The site's rules behind the colors of the search page."""
    colors = re.match(r"(?s).*?(:root \{.*?\n\}\n\n@media \(prefers-color-scheme: dark\) \{\n.*?\n\}\n)", read(COLORS))
    if not colors:
        sys.exit(f"{COLORS}: its colors are not where they were")
    return colors[1] + "\n" + read(STYLE)


def build(out, markdown, modules, base):
    """Writes the site, with the reference of the modules built in a folder if that is given. Returns the number of pages, that of
    links, and what is wrong with them."""
    wrong_names = []
    if modules:
        INTERNALS.append(MODULES)
        wrong_names = site_modules.build(out, modules, base)
    pages, copies = build_pages(markdown), {}
    for page in pages.values():
        relink(page, pages, copies)
    files = {page.path: document(page) for page in pages.values()} | {"site.css": stylesheet()}
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(out, path)), exist_ok=True)
        with open(os.path.join(out, path), "w", encoding="utf-8") as file:
            file.write(text)
    for source, path in copies.items():
        os.makedirs(os.path.dirname(os.path.join(out, path)), exist_ok=True)
        shutil.copyfile(os.path.join(ROOT, source), os.path.join(out, path))
    count, wrong = site_check.check(out, apart=site_modules.FOLDER)
    return len(pages), count, wrong_names + wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="site", help="folder of the site, which is replaced (default: site)")
    parser.add_argument("--modules", help="folder of a debug build, such as .build/debug")
    parser.add_argument("--base", default="", help="path of the site on its server, such as /quire (default: its root)")
    parser.add_argument("--check", action="store_true", help="build it in a temporary folder, for the verdict alone")
    options = parser.parse_args()
    markdown = load_markdown()
    if markdown is None:
        print("the site was NOT built: markdown-it-py cannot be installed", file=sys.stderr)
        sys.exit(0 if options.check else 1)
    with tempfile.TemporaryDirectory() as folder:
        pages, links, wrong = build(folder, markdown, options.modules, options.base.strip("/"))
        if not options.check:
            if os.path.exists(options.out):
                if not os.path.exists(os.path.join(options.out, "site.css")):
                    sys.exit(f"{options.out} is there, and is no site: name another folder")
                shutil.rmtree(options.out)
            shutil.copytree(folder, options.out)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{pages} pages, {links} links, {len(wrong) or 'none'} of them broken")
    sys.exit(1 if wrong else 0)


main()
