#!/usr/bin/env python3
"""What a server does when its disk fills up or becomes read-only, when the clock jumps, and when it is stopped for a while.

    scripts/prove-disasters.py --quire PATH [--only full-disk,read-only,clock,stop] [--stop 30]

Needs root (file systems of its own: one in memory, one in a file) and a C compiler (shifted-clock.c).
Each part asserts what docs/operate.md promises under "Disasters"; all of them, that searches go on, that every change that was
acknowledged is there in the end, and that `quire check` finds nothing. Ends with 1 at the first difference.
"""

import argparse
import collections
import contextlib
import email.utils
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from generator import Generator
from served import DataFolder, Server, get

FIELDS = {"title": "text", "price": "integer"}
HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60


def expect(condition, problem):
    if not condition:
        sys.exit(problem)


class Client:
    """Changes and searches over one connection, and what is known of the goods: the prices that were acknowledged, and those that
    may be there or not."""

    def __init__(self, server, headers):
        self.connection, self.headers = server.connect(), headers
        self.random = random.Random(1)
        self.known, self.maybe, self.version = {}, {}, 0

    def change(self):
        """Sends a batch; answers what kept it from being written."""
        lines = []
        for _ in range(50):
            self.version += 1
            # Some change again and again, others stay: the disk gets fuller.
            key = f"g{self.random.randrange(200) if self.random.random() < .3 else self.version + 1000}"
            title = " ".join(f"word{self.random.randrange(3000)}" for _ in range(300))
            lines.append({"id": key, "title": title, "price": self.version, "_version": self.version})
        self.connection.request("POST", "/v1/goods/documents", "\n".join(map(json.dumps, lines)), self.headers)
        answer = self.connection.getresponse()
        status, body = answer.status, answer.read()
        results = [json.loads(line) for line in body.splitlines()]
        expect(status in (200, 507, 503), f"a change was answered with {status}: {body[:300]}")
        expect(status != 503 or answer.headers["Retry-After"], "503 without Retry-After")
        failed = status != 200 or any(result["result"] == "failed" for result in results)
        for line in lines:
            (self.maybe.setdefault(line["id"], set()).add if failed else self.note)(line["price"] if failed else line)
        return (status, results[0]) if failed else None

    def note(self, line):
        self.known[line["id"]] = line["price"]
        self.maybe.pop(line["id"], None)

    def search(self):
        status, body = get(self.connection, "/v1/goods/search?q=word1")
        expect(status == 200, f"a search was answered with {status}: {body[:300]}")

    def date(self):
        """The server's time, as its replies have it."""
        self.connection.request("GET", "/healthz")
        answer = self.connection.getresponse()
        answer.read()
        return email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()

    def fail(self, what):
        """Sends changes until one is refused, and searches meanwhile; answers what refused it."""
        begin = time.monotonic()
        while (failure := self.change()) is None:
            self.search()
            expect(time.monotonic() < begin + PATIENCE, f"no change is refused although {what}")
        return failure

    def recover(self, what):
        """Sends changes until one is taken, and searches meanwhile."""
        begin = time.monotonic()
        while self.change() is not None:
            self.search()
            expect(time.monotonic() < begin + PATIENCE, f"changes are not taken again although {what}")

    def compare(self):
        """Looks that every change that was acknowledged is there, and none that was never sent."""
        status, body = get(self.connection, "/v1/goods/documents?refresh=true", "POST", '{"_delete": "nothing"}', self.headers)
        expect(status == 200, f"a change is answered with {status}: {body[:300]}")
        for key in set(self.known) | set(self.maybe):
            status, body = get(self.connection, f"/v1/goods/documents/{key}")
            found = json.loads(body)["document"]["price"] if status == 200 else None
            allowed = {self.known.get(key)} | self.maybe.get(key, set())
            expect(found in allowed, f"{key} has price {found}, not one of {allowed}")


def end_well(server, data):
    expect(server.end() == 0, "the server did not end well")
    clean, text = data.check("goods")
    expect(clean, f"the check says: {text}")


# The disk


@contextlib.contextmanager
def mounted(*options):
    """The place at which a file system is mounted for a while."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", *options, place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def ballast(path, free):
    """Leaves so many bytes of the disk free."""
    disk = os.statvfs(os.path.dirname(path))
    # The server may take the last bytes meanwhile.
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as out:
        left = disk.f_bavail * disk.f_frsize - free
        while left > 0:
            left -= out.write(bytes(min(left, 1 << 20)))


def prove_full_disk(options):
    """The disk fills up and gets room again, several times, with more or less of it left."""
    refused = []
    with mounted("-t", "tmpfs", "-o", "size=48m", "quire-proof") as disk:
        data = DataFolder(options.quire, disk)
        data.create("goods", FIELDS)
        headers = data.headers()
        server = Server(options.quire, data.path, "--commit-after", "0.5")
        try:
            client, path = Client(server, headers), os.path.join(disk, "ballast")
            for free in (6 << 20, 3 << 20, 1 << 20, 300 << 10, 100 << 10, 0):
                for _ in range(5):
                    expect(client.change() is None, "a change was refused although there is room")
                ballast(path, free)
                refused.append(client.fail("the disk is full")[0])
                for _ in range(20):
                    client.search()
                os.remove(path)
                client.recover("there is room")
                client.compare()
            client.connection.close()
            end_well(server, data)
        finally:
            server.kill()
    expect(507 in refused, f"no change was refused with 507, but with {refused}")
    return f"refused with {refused}, taken again without a restart; {len(client.known)} goods as acknowledged"


def prove_read_only(options):
    """The kernel makes the file system read-only after an error; after a repair and a restart all is there."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image")
        with open(image, "wb") as out:
            out.truncate(96 << 20)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        with mounted("-o", "loop,errors=remount-ro", image) as disk:
            data = DataFolder(options.quire, disk)
            data.create("goods", FIELDS)
            headers = data.headers()
            server = Server(options.quire, data.path, "--commit-after", "0.5")
            try:
                client = Client(server, headers)
                for _ in range(5):
                    expect(client.change() is None, "a change was refused although the disk is good")
                device = subprocess.run(["findmnt", "-n", "-o", "SOURCE", disk], capture_output=True, text=True).stdout.strip()
                with contextlib.suppress(OSError), open(f"/sys/fs/ext4/{os.path.basename(device)}/trigger_fs_error", "w") as out:
                    out.write("1")
                refused = {client.fail("the disk is read-only")[0]}
                for _ in range(20):
                    client.search()
                    refused.add((client.change() or [200])[0])
                expect(refused == {503}, f"changes were answered with {refused}")
                client.connection.close()
                code = server.end()
                expect(code == 74, f"the server ended with {code}")
            finally:
                server.kill()
        subprocess.run(["e2fsck", "-fy", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with mounted("-o", "loop", image) as disk:
            data = DataFolder(options.quire, disk)
            server = Server(options.quire, data.path)
            try:
                client.connection = server.connect()
                client.compare()
                expect(client.change() is None, "a change was refused although the disk is good again")
                client.compare()
                client.connection.close()
                end_well(server, data)
            finally:
                server.kill()
    return f"changes refused with 503, exit code 74; after a repair {len(client.known)} goods as acknowledged"


# The clock


def prove_clock(options):
    """The clock of the system jumps forwards and backwards by hours, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        clock, library = os.path.join(folder, "clock"), os.path.join(folder, "shifted-clock.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "shifted-clock.c")], check=True)

        def jump(seconds):
            with open(clock, "r+b" if os.path.exists(clock) else "wb") as out:
                out.write(struct.pack("q", seconds))

        jump(0)
        data = DataFolder(options.quire, folder)
        data.create("goods", FIELDS)
        headers = data.headers()
        server = Server(options.quire, data.path, "--commit-after", "0.5",
                        environment={"LD_PRELOAD": library, "SHIFTED_CLOCK": clock})
        try:
            client = Client(server, headers)
            for seconds in (6 * 3600, -6 * 3600, 300 * 86_400, -2 * 3600, 0):
                offset = f"{seconds:+d} s"
                for _ in range(5):
                    expect(client.change() is None, "a change was refused")
                # A cursor, a view and a commit that began before the jump.
                first = json.loads(get(client.connection, "/v1/goods/search?q=word1&per_page=1&after=*")[1])
                jump(seconds)
                began = time.monotonic()
                status, body = get(client.connection, f"/v1/goods/search?q=word1&per_page=1&after={first['next']}")
                expect(status == 200, f"after a jump to {offset} the cursor got {status}: {body[:300]}")
                for _ in range(5):
                    expect(client.change() is None, f"after a jump to {offset} a change was refused")
                client.compare()
                client.search()
                expect(time.monotonic() - began < 20, f"after a jump to {offset} the server is slow")
                while abs(client.date() - time.time() - seconds) > 60:
                    expect(time.monotonic() - began < PATIENCE, f"the replies' date does not jump to {offset}")
                    time.sleep(.1)
            client.connection.close()
            end_well(server, data)
        finally:
            server.kill()
    return f"five jumps; cursors, searches and changes as before; {len(client.known)} goods as acknowledged"


# A server that stands still


class PartedRequest(threading.Thread):
    """A request in three parts: before the server is stopped, while it is, and a while after it went on."""

    def __init__(self, port, parts, stopped, resumed):
        super().__init__()
        self.port, self.parts, self.moments, self.status = port, parts, (stopped, resumed), "none"

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
            client.sendall(self.parts[0])
            for moment, part in zip(self.moments, self.parts[1:]):
                moment.wait()
                client.sendall(part)
            answer = b""
            while b"\r\n" not in answer and (piece := client.recv(1000)):
                answer += piece
            self.status = answer[9:12].decode() or "closed"


def parted_requests(headers):
    """Heads and bodies that are cut at two places; each part of a change comes within the time for it, but for the standstill."""
    common = "Host: localhost\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = "".join(json.dumps({"id": f"slow{number}", "title": "slow", "price": number}) + "\n" for number in range(40))
    post = f"POST /v1/goods/documents HTTP/1.1\r\n{common}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    search = b"GET /v1/goods/search?q=word1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for request, first, second in ((post, -200, -100), (post, 20, -100), (post, 20, 40), (search, 20, 30), (search, 0, 0)):
        yield [request[:first], request[first:second], request[second:]]


def prove_stop(options):
    """The server stands still (SIGSTOP) under load and in the middle of requests, and goes on (SIGCONT)."""
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(options.quire, folder)
        data.create("goods", FIELDS)
        headers = data.headers()
        generator, server = Generator(), Server(options.quire, data.path)
        try:
            client = Client(server, headers)
            for _ in range(5):
                expect(client.change() is None, "a change was refused")
            requests = os.path.join(folder, "requests")
            with open(requests, "w") as out:
                out.writelines(f"/v1/goods/search?q=word{number}\n" for number in range(500))
            stopped, resumed = threading.Event(), threading.Event()
            run = generator.start(server.port, requests, 50, options.stop + 12, timeout=60)
            # Changes are not refused, searches that came all at once may be.
            parted = [PartedRequest(server.port, parts, stopped, resumed) for parts in list(parted_requests(headers)) * 20]
            for request in parted:
                request.start()
            time.sleep(3)
            server.process.send_signal(signal.SIGSTOP)
            stopped.set()
            time.sleep(options.stop)
            server.process.send_signal(signal.SIGCONT)
            began = time.monotonic()
            # Less than the five seconds that clients have at least.
            threading.Timer(2, resumed.set).start()
            client.connection = server.connect()
            while get(client.connection, "/v1/goods/search?q=word1")[0] == 503:
                time.sleep(.05)
            normal = time.monotonic() - began
            for request in parted:
                request.join()
            statuses = collections.Counter(request.status for request in parted)
            report = generator.finish(run)
            expect(set(report["outcomes"]) <= {"200", "503"}, f"the load had the outcomes {report['outcomes']}")
            expect(not report["bareRefusals"], "503 without Retry-After")
            expect(set(statuses) <= {"200", "503"}, f"requests in parts got {statuses}")
            expect(normal < 5, f"the server needed {normal:.1f} s after it went on")
            for _ in range(5):
                expect(client.change() is None, "a change was refused")
            client.compare()
            client.connection.close()
            end_well(server, data)
        finally:
            server.kill()
    refused = report["outcomes"].get("503", {"count": 0})["count"]
    return (f"{options.stop:g} s: {report['requests']} requests answered, {refused} of them with 503; in parts {dict(statuses)}; "
            f"searches with 200 after {normal:.1f} s")


def main():
    parts = {"full-disk": prove_full_disk, "read-only": prove_read_only, "clock": prove_clock, "stop": prove_stop}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--only", default=",".join(parts))
    parser.add_argument("--stop", type=float, default=30)
    options = parser.parse_args()
    for name in options.only.split(","):
        print(f"{name}: {parts[name](options)}; check clean", flush=True)


if __name__ == "__main__":
    main()
