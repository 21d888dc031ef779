"""What the proofs with 1.1 million packages share: the catalog, the threads that change and read it, and the watch."""

import glob
import json
import os
import random
import re
import socket
import threading
import time
import urllib.parse

import package_lists
from served import get, percentile

FIELDS = {
    "name": {"type": "text", "analyzer": "english"}, "registry": "keyword",
    "description": {"type": "text", "analyzer": "english"}, "rank": "integer",
    "name_whole": {"type": "text", "from": "name", "analyzer": "whole"},
    "name_words": {"type": "vocabulary", "from": "name"}, "description_words": {"type": "vocabulary", "from": "description"},
    "name_suggestions": {"type": "suggestion", "from": "name", "kind": "title", "weight": "rank"}}
UPLOAD = 2000  # lines


class Load:
    """What is known of the packages, and the threads that change and read them."""

    def __init__(self, server, headers, packages, words, options):
        self.server, self.headers, self.packages, self.words, self.options = server, headers, packages, words, options
        self.keys = list(packages)
        self.versions = {}
        self.unsure = set()  # keys of changes whose outcome is not known
        self.random = random.Random(7)
        self.visible, self.problems = [], []
        self.changes = self.uploads = self.pages = self.visits = self.refused = 0
        self.over = threading.Event()

    def at_pace(self, rate, body):
        """Calls body at fixed times."""
        begin, number = time.monotonic(), 0
        try:
            connection = self.server.connect()
            while not self.over.wait(max(0, begin + number / rate - time.monotonic())):
                number += 1
                body(connection)
        except Exception as error:  # a thread must not end unnoticed
            self.problems.append(f"{body.__name__}: {error!r}")

    def next_version(self, key):
        self.versions[key] = self.versions.get(key, 0) + 1
        return self.versions[key]

    def document(self, key, state):
        registry, name = key.split(":", 1)
        return {"id": key, "name": name, "registry": registry, "_version": self.next_version(key),
                "description": state["summary"], "rank": state["rank"]}

    def send(self, connection, lines, states):
        """Sends changes, and notes the states that they lead to."""
        self.unsure.update(states)
        status, body = get(connection, "/v1/packages/documents", "POST", "\n".join(map(json.dumps, lines)), self.headers)
        results = [json.loads(line)["result"] for line in body.splitlines()] if status == 200 else []
        if status != 200 or any(result in ("failed", "stale") for result in results):
            self.problems.append(f"changes: {status} {body[:300]}")
        self.packages.update(states)
        self.unsure.difference_update(states)
        self.changes += len(lines)

    def new_state(self):
        return {"summary": " ".join(self.random.sample(self.words, 8)), "rank": self.random.randint(1, 15000)}

    def change(self, connection, size=10):
        lines, states = [], {}
        for key in self.random.sample(self.keys, size):
            kind, old = self.random.random(), self.packages[key]
            if kind < .6 or old is None:
                states[key] = self.new_state()
                lines.append(self.document(key, states[key]))
            elif kind < .95:
                states[key] = dict(old, rank=self.random.randint(1, 15000))
                lines.append({"_patch": key, "rank": states[key]["rank"], "_version": self.next_version(key)})
            else:
                states[key] = None
                lines.append({"_delete": key, "_version": self.next_version(key)})
        self.send(connection, lines, states)

    def upload(self, connection):
        """Thousands of lines in one request, always of the same documents."""
        states = {f"upload:{number}": self.new_state() for number in range(UPLOAD)}
        self.send(connection, [self.document(key, state) for key, state in states.items()], states)
        self.uploads += 1

    def follow(self, connection):
        key = "probe:visible"
        version = self.next_version(key)
        line = json.dumps({"id": key, "name": "visible", "registry": "probe", "description": "seen or not", "_version": version})
        get(connection, "/v1/packages/documents", "POST", line, self.headers)
        acknowledged = time.monotonic()
        while not self.over.is_set():
            status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(key, safe=""))
            if status == 200 and json.loads(body)["version"] >= version:
                self.visible.append(time.monotonic() - acknowledged)
                return
            time.sleep(.005)

    def read(self, connection):
        """Reads all hits of a rare word by cursors; each must come once."""
        word, seen, after = self.random.choice(self.words), set(), "*"
        while after and not self.over.is_set() and len(seen) < 2000:
            query = urllib.parse.urlencode({"q": word + " ", "per_page": 100, "after": after, "facets": "", "typo": "off"})
            status, body = get(connection, f"/v1/packages/search?{query}")
            if self.is_refused("cursor", status, body):
                return
            reply = json.loads(body)
            ids = [hit["id"] for hit in reply["hits"]]
            if seen & set(ids):
                self.problems.append(f"a cursor returned {seen & set(ids)} twice")
            seen.update(ids)
            after = reply.get("next")
            self.pages += 1

    def is_refused(self, what, status, body):
        """Whether a search was refused for want of time, which is noted as any other failure is."""
        self.refused += status == 503
        if status not in (200, 503):
            self.problems.append(f"{what}: {status} {body[:200]}")
        return status != 200

    def visit(self, _):
        """A client of its own: it asks once and leaves, or leaves before the reply, or says nothing."""
        self.visits += 1
        kind = self.visits % 4
        if kind < 2:
            connection = self.server.connect()
            status, body = get(connection, "/v1/packages/search?facets=registry&q=" + urllib.parse.quote(self.random.choice(self.words)))
            connection.close()
            self.is_refused("visit", status, body)
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as client:
            if kind == 2:
                client.sendall(b"GET /v1/packages/search?q=library HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def start(self, only_changes=False):
        rates = {self.change: self.options.updates / 10, self.follow: 1}
        if not only_changes:
            rates.update({self.upload: 1 / 30, self.read: 1 / 2, self.visit: 5})
        self.threads = [threading.Thread(target=self.at_pace, args=(rate, body), daemon=True) for body, rate in rates.items()]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def read_packages(folder):
    """The packages as documents, what is known of them by key, and words to search for."""
    known, words = {}, []

    def documents():
        for number, (registry, name, summary) in enumerate(package_lists.read(folder)):
            key = f"{registry}:{name}"
            known[key] = {"summary": summary, "rank": number % 15000 + 1 if number % 3 else None}
            if number % 37 == 0:
                words.extend(re.findall(r"[A-Za-z]{3,}", summary))
            yield {"id": key, "name": name, "registry": registry, "description": summary,
                   **({"rank": known[key]["rank"]} if number % 3 else {})}

    return documents(), known, words


def write_requests(path, words, suggests=True):
    """Searches, some with facets or an order, and suggestions while someone types."""
    pick = random.Random(11)
    with open(path, "w") as out:
        for _ in range(20_000):
            query = urllib.parse.quote(" ".join(pick.sample(words, pick.choice([1, 1, 2, 2, 3]))))
            more = pick.choice(["", "", "&facets=registry,rank(by 1000)", "&sort=rank:desc", "&filter=rank:100..5000"])
            out.write(f"search\t/v1/packages/search?q={query}{more.replace(' ', '%20')}\n")
            word = pick.choice(words)
            if suggests:
                out.write(f"suggest\t/v1/packages/suggest?q={word[:pick.randint(1, len(word))]}\n")


def disk(folder):
    return sum(os.stat(path).st_blocks * 512 for path in glob.glob(folder + "/**", recursive=True) if os.path.isfile(path)) / 1e6


class Watch(threading.Thread):
    """Looks at a server every five seconds."""

    def __init__(self, server, data):
        super().__init__(daemon=True)
        self.server, self.data, self.over = server, data, threading.Event()
        self.samples = []

    def run(self):
        while not self.over.wait(5):
            try:
                used = disk(self.data)
            except FileNotFoundError:  # removed by a commit meanwhile
                continue
            segments = len(glob.glob(self.data + "/packages/generations/*/*.seg"))
            self.samples.append({
                "second": time.monotonic(), "RssAnon": self.server.anonymous(), "descriptors": self.server.descriptors(),
                "threads": self.server.threads(), "disk": used, "segments": segments})

    def greatest(self, name, first, last):
        """The greatest value between two shares of the time."""
        part = self.samples[int(len(self.samples) * first):int(len(self.samples) * last)] or self.samples
        return max(sample[name] for sample in part)

    def slope(self, name):
        """The growth a minute over the second half, by least squares."""
        points = [(sample["second"] / 60, sample[name]) for sample in self.samples[len(self.samples) // 2:]]
        middle = [sum(column) / len(points) for column in zip(*points)]
        spread = sum((x - middle[0]) ** 2 for x, _ in points)
        return sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread if spread else 0


def p99(reports, name):
    """The median and the greatest of the minutes' 99th percentiles."""
    values = [report["classes"][name].get("200", {"p99": float("inf")})["p99"] for report in reports]
    return percentile(values, .5), max(values)


def compare(server, load):
    """The documents that differ from what was written, of those that were changed most likely."""
    connection, wrong = server.connect(), []
    changed = [key for key in load.versions if key in load.packages]
    for key in random.Random(3).sample(changed, min(20_000, len(changed))) + random.Random(4).sample(load.keys, 5_000):
        status, body = get(connection, "/v1/packages/documents/" + urllib.parse.quote(key, safe=""))
        found = None
        if status == 200:
            document = json.loads(body)["document"]
            found = {"summary": document.get("description", ""), "rank": document.get("rank")}
        if found != load.packages[key]:
            wrong.append(f"{key}: {found}, not {load.packages[key]}")
    return wrong, json.loads(get(connection, "/v1/packages")[1])["documents"]
