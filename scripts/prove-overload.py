#!/usr/bin/env python3
"""Three times what a server can do, for a while: what it accepts comes in time, what it refuses is refused at once.

    scripts/prove-overload.py --quire PATH [--seconds 120] [--documents 200000] [--times 3] [--deadline .5]

Makes a catalog of random texts, measures how many searches a second the server answers when as many as it likes wait, and
then sends a multiple of that at fixed times, whatever the answers take; times count from when a request was due. Every
query is new. Meanwhile a process of its own asks /healthz 50 times a second. Prints a table; ends with 1 when something
is not as it should be.
"""

import argparse
import collections
import json
import multiprocessing
import os
import random
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from served import Server, get

SCHEMA = {"key": "id", "fields": [
    {"name": "id", "type": "keyword"}, {"name": "title", "type": "text"}, {"name": "body", "type": "text"},
    {"name": "kind", "type": "keyword"}, {"name": "maker", "type": "keyword"}, {"name": "year", "type": "integer"}]}
MAX_CONNECTIONS = 3000


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Words:
    """Words as frequent as those of a language, and queries of them."""

    def __init__(self, seed, count=20_000):
        self.random = random.Random(seed)
        letters = random.Random(1)
        self.words = ["".join(letters.choices("abcdefghiklmnoprstuvw", k=letters.randint(3, 9))) for _ in range(count)]
        self.weights, total = [], 0.0
        for rank in range(count):
            total += 1 / (rank + 8)
            self.weights.append(total)

    def some(self, count):
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))

    def path(self):
        query = urllib.parse.quote(self.some(self.random.choice([2, 3, 3, 4])))
        return f"/v1/texts/search?q={query}&facets=kind,maker"


def write_documents(path, count):
    words = Words(5)
    with open(path, "w") as out:
        for number in range(count):
            out.write(json.dumps({
                "id": str(number), "title": words.some(5), "body": words.some(30), "kind": f"k{number % 40}",
                "maker": f"m{number * 7919 % 3000}", "year": 1950 + number % 75}) + "\n")


class Connection:
    """A connection that has sent at most one request."""

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(("127.0.0.1", port))
        self.due, self.out, self.input = None, b"", b""

    def read(self):
        """The status, the fields and True if the connection stays open; None while the reply is not complete."""
        try:
            piece = self.socket.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError as error:
            return f"error {error.errno}", b"", False
        if not piece:
            return "closed", b"", False
        self.input += piece
        end = self.input.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.input[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.input) < end + 4 + length:
            return None
        self.input = b""
        return int(head.split()[1]), head, b"connection: close" not in head


class Load:
    """Searches from one thread over as many connections as they need."""

    def __init__(self, port, words):
        self.port, self.words = port, words
        self.poll, self.open, self.idle = select.epoll(), {}, []
        self.statuses, self.accepted, self.refused = collections.Counter(), [], []
        self.late, self.unsent, self.bare_refusals = [], 0, 0

    def send(self, due):
        if self.idle:
            connection = self.idle.pop()
        elif len(self.open) < MAX_CONNECTIONS:
            connection = Connection(self.port)
            self.open[connection.socket.fileno()] = connection
            self.poll.register(connection.socket.fileno(), select.EPOLLOUT)
        else:
            self.unsent += 1
            return
        connection.due = due
        connection.out = f"GET {self.words.path()} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        self.late.append(time.monotonic() - due)
        self.flush(connection)

    def flush(self, connection):
        number = connection.socket.fileno()
        try:
            connection.out = connection.out[connection.socket.send(connection.out):]
        except (BlockingIOError, OSError):
            self.poll.modify(number, select.EPOLLOUT | select.EPOLLIN)
            return
        self.poll.modify(number, select.EPOLLIN)

    def receive(self, timeout):
        """Takes what has come. Answers the number of complete replies."""
        replies = 0
        for number, events in self.poll.poll(timeout):
            connection = self.open[number]
            if connection.out and events & select.EPOLLOUT:
                self.flush(connection)
            if not events & ~select.EPOLLOUT:
                continue
            reply = connection.read()
            if reply is None:
                continue
            status, head, stays = reply
            seconds = time.monotonic() - connection.due if connection.due else 0
            if connection.due:
                replies += 1
                self.statuses[status] += 1
                (self.accepted if status == 200 else self.refused).append(seconds)
                self.bare_refusals += status == 503 and b"retry-after:" not in head
            connection.due = None
            if stays:
                self.idle.append(connection)
            else:
                self.poll.unregister(number)
                connection.socket.close()
                self.open.pop(number)
        return replies

    def waiting(self):
        return sum(connection.due is not None for connection in self.open.values())

    def closed_loop(self, width, seconds):
        """Answers the number of replies a second with `width` requests at a time."""
        for _ in range(width):
            self.send(time.monotonic())
        begin, count = time.monotonic(), 0
        while time.monotonic() - begin < seconds:
            for _ in range(self.receive(.1)):
                count += 1
                self.send(time.monotonic())
        rate = count / (time.monotonic() - begin)
        while self.waiting():
            self.receive(.1)
        return rate

    def open_loop(self, rate, seconds, watch):
        begin, number = time.monotonic(), 0
        while time.monotonic() - begin < seconds:
            while (due := begin + number / rate) <= time.monotonic():
                number += 1
                self.send(due)
            self.receive(max(0, min(.01, due - time.monotonic())))
            if number % 256 == 0:
                watch()


def ask_health(port, over, replies):
    """Asks /healthz 50 times a second; sends the seconds of each reply, counted from when it was due."""
    import http.client
    seconds, begin, number = [], time.monotonic(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while not over.is_set():
        due = begin + number / 50
        number += 1
        time.sleep(max(0, due - time.monotonic()))
        sent = time.monotonic()
        status, _ = get(connection, "/healthz")
        seconds.append((status, time.monotonic() - sent))
    replies.send(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--times", type=float, default=3)
    parser.add_argument("--deadline", type=float, default=.5)
    parser.add_argument("--data", help="a folder in which the catalog is kept for the next time")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    failures = []

    def demand(name, value, holds):
        print(f"| {name} | {value} | {'holds' if holds else '**missed**'} |", flush=True)
        if not holds:
            failures.append(name)

    with tempfile.TemporaryDirectory() as folder:
        data = options.data or os.path.join(folder, "data")
        if not os.path.exists(data):
            schema, documents = os.path.join(folder, "schema.json"), os.path.join(folder, "texts.jsonl")
            with open(schema, "w") as out:
                json.dump(SCHEMA, out)
            write_documents(documents, options.documents)
            subprocess.run([options.quire, "index", documents, "--schema", schema, "--catalog", "texts", "--data", data,
                            "--merge-to", "1"], check=True, capture_output=True)
        server = Server(options.quire, data, "--search-timeout", str(options.deadline), "--reply-cache", "0")
        try:
            measure(server, options, demand)
        finally:
            server.kill()
    sys.exit(1 if failures else 0)


def measure(server, options, demand):
    warm = Load(server.port, Words(11))
    warm.closed_loop(4, 3)
    warm.accepted.clear()
    capacity = warm.closed_loop(2 * os.cpu_count(), 5)
    quiet = Load(server.port, Words(12))
    quiet.closed_loop(1, 2)
    usual = percentile(quiet.accepted, .99)
    before = server.anonymous()
    over, (replies, health) = multiprocessing.Event(), multiprocessing.Pipe(False)
    asker = multiprocessing.Process(target=ask_health, args=(server.port, over, health), daemon=True)
    asker.start()
    load, memory = Load(server.port, Words(13)), [before]
    load.open_loop(options.times * capacity, options.seconds, lambda: memory.append(server.anonymous()))
    end = time.monotonic()
    # Normal is when ten searches in a row take no longer than before; the requests that still wait are the server's affair.
    probe, normal, row = Load(server.port, Words(14)), None, 0
    while normal is None and time.monotonic() - end < 60:
        probe.accepted.clear()
        probe.closed_loop(1, 0)
        row = row + 1 if probe.accepted and probe.accepted[-1] <= 2 * usual else 0
        normal = time.monotonic() - end if row == 10 else None
        load.receive(0)
    while load.waiting() and time.monotonic() - end < 60:
        load.receive(.1)
    answered = time.monotonic() - end
    over.set()
    asked = replies.recv() if replies.poll(120) else []
    times = [seconds * 1000 for status, seconds in asked if status == 200]
    sent = sum(load.statuses.values()) + load.waiting()
    times = times or [float("inf")]
    print(f"| {options.times:g} × {capacity:.0f}/s for {options.seconds:g} s, deadline {options.deadline * 1000:.0f} ms | | |\n|---|---|---|")
    print(f"| sent, not sent for want of connections; late at p99 (ms) | {sent:,}, {load.unsent:,}; {percentile(load.late, .99) * 1000:.0f} | |")
    demand("replies by status, none", f"{dict(load.statuses)}, {load.waiting():,}",
           set(load.statuses) <= {200, 503} and not load.waiting())
    demand("refusals without Retry-After", load.bare_refusals, not load.bare_refusals)
    print(f"| accepted a second, share of the capacity | {len(load.accepted) / options.seconds:.0f}, {len(load.accepted) / options.seconds / capacity:.2f} | |")
    demand("accepted: p50, p99, greatest (ms)", ", ".join(f"{percentile(load.accepted, share) * 1000:.0f}" for share in (.5, .99, 1)),
           percentile(load.accepted, .99) <= 2 * options.deadline)
    print(f"| refused: p50, p99 (ms) | {percentile(load.refused, .5) * 1000:.1f}, {percentile(load.refused, .99) * 1000:.1f} | |")
    demand("/healthz: replies, p50, p99, greatest (ms)",
           f"{len(times):,}, " + ", ".join(f"{percentile(times, share):.1f}" for share in (.5, .99, 1)),
           percentile(times, .99) <= 10 and max(times) <= 250)
    demand("RssAnon: before, greatest, after (MB)", f"{before:.0f}, {max(memory):.0f}, {server.anonymous():.0f}",
           max(memory) <= before * 1.2 + 30)
    demand("normal again, last reply after (s)", f"{normal or 60:.1f}, {answered:.1f}",
           normal is not None and max(normal, answered) <= 5)


if __name__ == "__main__":
    main()
