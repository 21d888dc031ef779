#!/usr/bin/env python3
"""Sends malformed, hostile and unusual bytes to a server over raw sockets, always the same for one seed.

    scripts/fuzz-http.py --quire PATH [--seconds 60] [--seed 1] [--clients 4]

Smuggled requests, overlong heads, broken chunks, NUL, huge numbers, raw UTF-8 in targets, requests sent ahead, halves of
requests, and sockets that are closed on one side or at any moment. Looks that the process lives and answers, that it sends only
statuses of the table in docs/operate.md, that every error has a problem document, and that descriptors and memory stay flat.
Prints a summary; ends with 1 at the first difference, with the bytes that were sent.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import re
import resource
import socket
import sys
import tempfile
import threading
import time

from served import DataFolder, Server, get

METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PRI", "G\0T", "get", "X" * 300]
PATHS = ["/", "/healthz", "/v1", "/v1/goods", "/v1/goods/search?q=word1", "/v1/goods/suggest?q=wo", "/v1/goods/documents",
         "/v1/goods/documents/3", "/v1/goods/similar/3", "/v1/none/search?q=a", "/v1/goods/search?q=%FF", "/v1/goods/search?page=x",
         "/v1/goods/search?q=" + "%E4%B8%89" * 300, "/assets/app.js", "/none", "*", "", "healthz", "//", "/../..", "/v1/goods/documents/%00",
         "http://localhost/healthz", "http://evil.example/", "http://", "http://localhost:99999999/", "ftp://localhost/",
         "/v1/goods/search?q=三体", "/v1/goods/search?q=\xff", "/\0", "/%", "/%zz", "/v1/goods/search?" + "&" * 500,
         "/v1/goods/search?per_page=99999999999999999999", "/v1/goods/search?facets=" + "a," * 100, "/v1/goods/search?filter=" + "(" * 99]
VERSIONS = ["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/9.9", "HTTP/1.1.1", "http/1.1", "HTP/1.1", "", "HTTP/1.1 x"]
HOSTS = ["localhost"] * 6 + ["127.0.0.1:80", "[::1]", "evil.example", "", "a b", "localhost:x", "[::1", "local\0host", "LOCALHOST."]
NUMBERS = ["0", "1", "5", "17", "-1", "+5", "5 ", "0x5", "5,5", "5, 6", "", "99999999999999999999", "18446744073709551615", "1e3", "٣"]
FIELDS = ["Connection: close", "Connection: Close", "Connection: keep-alive", "Connection: close, TE", "Connection: upgrade\r\nUpgrade: h2c",
          "Expect: 100-continue", "Expect: x", "Transfer-Encoding: chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding: gzip",
          "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: \x0bchunked",
          "Transfer-Encoding : chunked", "Content-Type: application/json", "Content-Type: application/x-ndjson", "Content-Encoding: gzip",
          "Range: bytes=0-", "If-None-Match: *", "X: \0", "X: \x01", "X:", ": x", "X", "X y: z", " folded", "\tfolded", "Héader: x",
          "X: " + "三" * 100, "Cookie: " + "a=b; " * 100, "Authorization: Bearer x", "Authorization: Basic", "Host: localhost", "Trailer: X"]
PLAIN = FIELDS[:6] + ["Content-Type: application/json"] * 3 + ["Content-Type: application/x-ndjson", "Range: bytes=0-", "If-None-Match: *"]
BODIES = ['{"id":"f","title":"word1"}', "hello", '{"id":', '{"id":"g","title":"x"}\n' * 50, "[" * 500, "\xef\xbb\xbf{}", "", "x" * 70_000]
BROKEN = ["zz\r\n", "5\r\nhello\r\n", "5\r\nhell", "0\r\n\r\n", "0\r\nX: y\r\n\r\n", "ffffffffffffffffff\r\n", "-1\r\n", "5;" + "e" * 2000 + "\r\nhello\r\n",
          "5\nhello\n", "5\r\nhello!\r\n", "\r\n", "00000000000005\r\nhello\r\n", "1\r\n\0\r\n", "5 \r\nhello\r\n"]


class Fuzzer:
    """One client: what it sends is determined by its seed."""

    def __init__(self, server, documented, headers, seed):
        self.server, self.documented, self.pick = server, documented, random.Random(seed)
        self.key = headers["Authorization"]
        self.statuses = collections.Counter()
        self.cases = self.silent = self.cut = 0
        self.problem = None

    def head(self):
        pick = self.pick
        normal = pick.random() < .5
        method = pick.choice(METHODS[:10]) if normal else pick.choice(METHODS)
        path = pick.choice(PATHS)
        lines = [f"{method} {path} {'HTTP/1.1' if normal else pick.choice(VERSIONS)}"]
        if pick.random() < .95:
            lines.append("Host: " + ("localhost" if normal else pick.choice(HOSTS)))
        if pick.random() < .3:
            lines.append(f"Authorization: {self.key}")
        lines += pick.choices(FIELDS, k=pick.choice([0, 0, 1, 2, 4]))
        if pick.random() < .4:
            lines.append("Content-Length: " + pick.choice(NUMBERS))
        if pick.random() < .03:
            lines += [f"X-{number}: y" for number in range(pick.choice([90, 110, 2000]))]
        if pick.random() < .03:
            lines.append("X-Long: " + "x" * pick.choice([60_000, 70_000, 300_000]))
        if pick.random() < .03:
            lines[0] = f"GET /{'a' * pick.choice([60_000, 70_000, 300_000])} HTTP/1.1"
        pick.random() < .1 and pick.shuffle(lines)
        return pick.choice(["\r\n"] * 12 + ["\n", "\r", "\r\r\n"]).join(lines) + pick.choice(["\r\n\r\n"] * 12 + ["\n\n", "\r\n", ""])

    def body(self):
        pick = self.pick
        kind = pick.random()
        if kind < .4:
            return ""
        if kind < .6:
            return "".join(pick.choices(BROKEN, k=pick.choice([1, 2, 5])))
        if kind < .8:
            return pick.choice(['{"id":"f","title":"word1"}', "hello", '{"id":', "{}\n" * 50, "[" * 500, "\xef\xbb\xbf{}"])
        return "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def upload(self):
        """A request that is right, but for what its body says; its length or its chunks may be wrong by a little."""
        pick = self.pick
        path = pick.choice(["/v1/goods/documents", "/v1/goods/documents?refresh=true", "/v1/goods/documents/f", *PATHS[:8]])
        body = pick.choice(BODIES)
        fields = [*pick.choices(PLAIN, k=2), *[f"Authorization: {self.key}"] * (pick.random() < .8)]
        if pick.random() < .5:
            fields.append(f"Content-Length: {max(0, len(body.encode()) + pick.choice([0, 0, 0, 1, -1, 1000]))}")
        else:
            fields.append("Transfer-Encoding: chunked")
            cut = pick.randrange(len(body) + 1)
            chunks = [part for part in (body[:cut], body[cut:]) if part]
            body = "".join(f"{len(part.encode()):x}\r\n{part}\r\n" for part in chunks) + pick.choice(["0\r\n\r\n"] * 4 + BROKEN)
        method = pick.choice(["POST", "POST", "PATCH", "DELETE", "GET", "HEAD"])
        return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n" + "\r\n".join(fields) + "\r\n\r\n" + body

    def bytes(self):
        pick = self.pick
        if pick.random() < .4:
            return "".join(self.upload() for _ in range(pick.choice([1, 1, 1, 2, 5]))).encode()
        if pick.random() < .05:
            return pick.randbytes(pick.choice([1, 10, 1000, 70_000]))
        text = "".join(self.head() + self.body() for _ in range(pick.choice([1, 1, 1, 2, 5])))
        sent = bytearray(text.encode("latin-1", "replace") if pick.random() < .5 else text.encode())
        for _ in range(pick.choice([0, 0, 0, 1, 3])):
            if sent:
                place = pick.randrange(min(len(sent), 400))
                sent[place:place + pick.choice([0, 1])] = pick.randbytes(pick.choice([0, 1, 2]))
        if pick.random() < .1:
            del sent[pick.randrange(len(sent) + 1):]
        return bytes(sent)

    def work(self, end):
        try:
            while time.monotonic() < end and self.problem is None:
                sent = self.bytes()
                self.cases += 1
                problem = self.judge(sent, self.exchange(sent))
                if problem:
                    self.problem = f"{problem}\nsent: {sent[:3000]!r}"
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"

    def exchange(self, sent):
        """What the server sends; None if it was not read to its end."""
        pick = self.pick
        client = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        half, leaves = pick.random() < .8, pick.random() < .1
        with client, contextlib.suppress(ConnectionError):
            for part in self.parts(sent):
                client.sendall(part)
            if leaves:
                if pick.random() < .5:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.cut += 1
                return None
            if half:
                # A connection that the server has cut already cannot be shut down.
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_WR)
            else:
                client.settimeout(.1)
            received = b""
            try:
                while piece := client.recv(65_536):
                    received += piece
            except TimeoutError:
                if half:
                    raise
                self.cut += 1
                return None
            return received
        self.cut += 1
        return None

    def parts(self, sent):
        pieces = self.pick.choice([1, 1, 1, 2, 3])
        places = sorted(self.pick.randrange(len(sent) + 1) for _ in range(pieces - 1))
        return [sent[a:b] for a, b in zip([0, *places], [*places, len(sent)])]

    def judge(self, sent, received):
        """The difference of a reply to what is documented; None if there is none."""
        if received is None:
            return None
        if not received:
            self.silent += 1
            # Only a connection without a single byte of a request, but line ends, may end without a word.
            return "no reply" if sent.strip(b"\r\n") else None
        # Bodies of replies have no status lines: the server never repeats what it was sent.
        starts = [match.start() for match in re.finditer(rb"HTTP/1\.[01] \d{3} [A-Z]", received)]
        if not starts or starts[0] != 0:
            return f"a reply without a status: {received[:200]!r}"
        for start, end in zip(starts, [*starts[1:], len(received)]):
            reply = received[start:end]
            status = int(reply[9:12])
            self.statuses[status] += 1
            if status not in self.documented:
                return f"undocumented status {status}"
            head, _, body = reply.partition(b"\r\n\r\n")
            if status >= 400:
                length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
                if not length or length[1] == b"0":
                    return f"an error without a body: {reply!r}"
                if not body and b"HEAD" in sent:
                    continue
                problem = json.loads(body)
                if problem.get("status") != status or not problem.get("code") or not problem.get("detail"):
                    return f"no problem document: {reply!r}"
                if int(length[1]) != len(body):
                    return f"{len(body)} bytes of a body of {length[1].decode()}: {reply!r}"
            if status == 503 and b"\r\nretry-after: " not in head.lower():
                return f"503 without Retry-After: {reply!r}"
        return None


def documented_statuses():
    path = os.path.join(os.path.dirname(__file__), "..", "docs", "operate.md")
    with open(path) as text:
        table = text.read().split("## Statuses")[1]
    return {int(status) for row in re.findall(r"^\| ([\d, *]+) \|", table, re.M) for status in re.findall(r"\d{3}", row)}


def prove(server, documented, headers, options):
    started, first = time.monotonic(), server.descriptors()
    end = started + options.seconds
    fuzzers = [Fuzzer(server, documented, headers, options.seed * 1000 + number) for number in range(options.clients)]
    threads = [threading.Thread(target=fuzzer.work, args=(end,)) for fuzzer in fuzzers]
    for thread in threads:
        thread.start()
    memory, slowest = [], 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        asked = time.monotonic()
        if server.process.poll() is not None:
            break
        status, _ = get(server.connect(), "/healthz")
        slowest = max(slowest, time.monotonic() - asked)
        memory.append((time.monotonic() - started, server.anonymous()))
        if status != 200:
            sys.exit(f"/healthz got {status}")
    for thread in threads:
        thread.join()
    for problem in filter(None, (fuzzer.problem for fuzzer in fuzzers)):
        print(problem)
    if server.process.poll() is not None or any(fuzzer.problem for fuzzer in fuzzers):
        sys.exit(f"the server ended with {server.process.poll()}; its log ends: {''.join(server.log[-5:])}")
    # Connections that were left behind end by their deadlines.
    while server.descriptors() > first + 30 and time.monotonic() < end + 70:
        time.sleep(1)
    left = server.descriptors()
    cases = sum(fuzzer.cases for fuzzer in fuzzers)
    statuses = sum((fuzzer.statuses for fuzzer in fuzzers), collections.Counter())
    half = [point for point in memory if point[0] > options.seconds / 2]
    slope = (half[-1][1] - half[0][1]) / (half[-1][0] - half[0][0]) * 60
    print(f"{cases} cases in {options.seconds:.0f} s; {sum(fuzzer.cut for fuzzer in fuzzers)} not read to the end, "
          f"{sum(fuzzer.silent for fuzzer in fuzzers)} without a request")
    print("statuses: " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print(f"descriptors {first} at first, {left} at last; RssAnon {memory[0][1]:.1f} MB at first, {memory[-1][1]:.1f} MB at last, "
          f"{slope:+.2f} MB a minute in the second half; /healthz at most {slowest * 1000:.0f} ms; {len(server.log)} lines logged")
    if left > first + 30:
        sys.exit("descriptors are left open")
    if server.end() != 0:
        sys.exit("the server did not end well")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    documented = documented_statuses()
    with tempfile.TemporaryDirectory() as folder:
        documents = ({"id": str(i), "title": f"word{i % 7} word{i % 11} word{i}"} for i in range(2000))
        data = DataFolder(options.quire, folder)
        data.index("goods", {"title": "text"}, documents)
        server = Server(options.quire, data.path)
        try:
            prove(server, documented, data.headers(), options)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
