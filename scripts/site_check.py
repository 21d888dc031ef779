"""Checks the links of a built site: every one leads to a file of the site, and its anchor to an element there."""
import html.parser
import os
import posixpath
import urllib.parse


class Reader(html.parser.HTMLParser):
    """The anchors and links of a page, with the lines that they stand on."""

    def __init__(self):
        super().__init__()
        self.anchors, self.links, self.doubled, self.scripts = set(), [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if identifier := attributes.get("id"):
            if identifier in self.anchors:
                self.doubled.append((self.getpos()[0], identifier))
            self.anchors.add(identifier)
        for name in ("href", "src"):
            if name in attributes:
                self.links.append((self.getpos()[0], attributes[name] or ""))
        if tag == "script":
            self.scripts.append(self.getpos()[0])


def check(folder, apart):
    """The number of links inside a site, and a line about each that leads nowhere, each double anchor and each script. Pages in the
    folder `apart` are not read."""
    pages, files = {}, set()
    for place, _, names in os.walk(folder):
        for name in names:
            path = posixpath.normpath(os.path.relpath(os.path.join(place, name), folder))
            files.add(path)
            if path.endswith(".html") and not path.startswith(apart + "/"):
                pages[path] = Reader()
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    pages[path].feed(file.read())
    count, wrong = 0, []
    for path, page in sorted(pages.items()):
        wrong += [f"{path}:{line}: the anchor {anchor} is there twice" for line, anchor in page.doubled]
        wrong += [f"{path}:{line}: the site has no JavaScript" for line in page.scripts]
        for line, link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            target = urllib.parse.unquote(parts.path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if target not in files:
                wrong.append(f"{path}:{line}: nothing is at {link}")
            elif parts.fragment and urllib.parse.unquote(parts.fragment) not in (pages[target].anchors if target in pages else ()):
                wrong.append(f"{path}:{line}: {target} has no anchor for {link}")
    return count, wrong
