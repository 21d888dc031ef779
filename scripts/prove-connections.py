#!/usr/bin/env python3
"""Idle, slow and too many clients beside normal ones, few descriptors, and the end of a server with a silent upload.

    scripts/prove-connections.py --quire PATH [--idle 2000] [--slow 500] [--seconds 10] [--share 0.9]

1. The rate and the latency of searches with and without idle connections and clients that send a byte of a head a second; the
   rate must not fall below `--share` of that before and after.
2. With 64 and 256 descriptors and more idle clients than that, searches and changes are answered, no processor is kept busy, and
   clients beyond the limit get 503 with Retry-After while all connections have a request.
3. SIGTERM in the middle of a silent upload ends the server within its limit, a second one at once; both exit with 0, and what was
   acknowledged is there.

Prints a table; ends with 1 at the first difference.
"""

import argparse
import atexit
import contextlib
import json
import multiprocessing
import random
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from served import DataFolder, Server, get, percentile

WORDS = [f"word{number}" for number in range(300)]
HEAD = b"GET /v1/goods/search?q=word1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: slow\r\nX-Padding: " + b"x" * 1000


def begin(*arguments, **more):
    """Starts a server that does not outlive this program."""
    server = Server(*arguments, **more)
    atexit.register(server.kill)
    return server


def check(condition, message):
    if not condition:
        sys.exit(message)


def rate(server, seconds, threads=4):
    """Searches a second of some clients that never pause, and their median and 99th percentile in milliseconds."""
    times = [[] for _ in range(threads)]
    end = time.monotonic() + seconds

    def work(number):
        pick = random.Random(number)
        connection = server.connect()
        while time.monotonic() < end:
            started = time.monotonic()
            status, _ = get(connection, f"/v1/goods/search?q={pick.choice(WORDS)}+{pick.choice(WORDS)}&per_page=5")
            if status != 200:
                raise SystemExit(f"a normal search got {status}")
            times[number].append(time.monotonic() - started)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    every = [time for part in times for time in part]
    check(len(every) > 100 and all(times), "the searches did not run")
    return len(every) / seconds, percentile(every, .5) * 1000, percentile(every, .99) * 1000


def open_idle(port, count):
    clients = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            clients.append(socket.create_connection(("127.0.0.1", port), timeout=10))
    return clients


def besiege(port, idle, slow, ready, counts):
    """Holds idle connections and trickling ones, and opens those again that the server ends. Runs as a process of its own."""
    waiting = open_idle(port, idle)
    trickling = {client: 0 for client in open_idle(port, slow)}
    ready.set()
    while True:
        time.sleep(1)
        gone = select_readable(list(trickling))
        for client in gone:
            counts[0] += 1
            del trickling[client]
            client.close()
        for client in open_idle(port, len(gone)):
            trickling[client] = 0
        for client in list(trickling):
            with contextlib.suppress(OSError):
                client.send(HEAD[trickling[client]:trickling[client] + 1])
            trickling[client] += 1
        gone = select_readable(waiting)
        counts[1] += len(gone)
        waiting = [client for client in waiting if client not in gone] + open_idle(port, len(gone))


def select_readable(clients):
    poll = select.poll()
    by_descriptor = {client.fileno(): client for client in clients}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    return {by_descriptor[descriptor] for descriptor, _ in poll.poll(0)}


def prove_siege(quire, data, options):
    server = begin(quire, data)
    rate(server, 1)
    before = rate(server, options.seconds)
    memory, descriptors = server.anonymous(), server.descriptors()
    ready, counts = multiprocessing.Event(), multiprocessing.Array("i", 2)
    process = multiprocessing.Process(target=besiege, args=(server.port, options.idle, options.slow, ready, counts), daemon=True)
    process.start()
    ready.wait()
    # Long enough that slow clients are ended and come again.
    during = rate(server, max(options.seconds, 15))
    held, grown = server.descriptors() - descriptors, server.anonymous() - memory
    ended = list(counts)
    process.terminate()
    process.join()
    after = rate(server, options.seconds)
    for name, (count, median, last) in (("before", before), ("beside", during), ("after", after)):
        print(f"| {name} | {count:.0f}/s | {median:.2f} ms | {last:.2f} ms |")
    print(f"{held} connections held, {grown:.1f} MB more, {ended[0]} slow and {ended[1]} idle clients ended")
    check(held >= .9 * (options.idle + options.slow), "the connections were not held")
    check(ended[0] > 0, "no slow client was ended")
    share = during[0] / ((before[0] + after[0]) / 2)
    print(f"rate beside them: {share:.0%}")
    check(share >= options.share, "idle and slow clients slow the others down")
    check(server.end() == 0, "the server did not end well")


def prove_descriptors(quire, data, headers, limit):
    server = begin(quire, data, "--drain-timeout", "1", descriptors=limit)
    idle = open_idle(server.port, 2 * limit)
    statuses = []
    for number in range(20):
        connection = server.connect()
        status, _ = get(connection, "/v1/goods/search?q=word1")
        statuses.append(status)
        body = json.dumps({"id": f"d{limit}-{number}", "title": "descriptor"})
        status, answer = get(connection, "/v1/goods/documents?refresh=true", "POST", body, headers)
        statuses.append(status)
        check(b"created" in answer, f"a change was not written: {answer}")
        connection.close()
    check(set(statuses) == {200}, f"with {limit} descriptors: {statuses}")
    used = server.processor()
    time.sleep(2)
    busy = (server.processor() - used) / 2
    check(busy < .3, f"with {limit} descriptors a processor is {busy:.0%} busy")
    most = server.descriptors()
    check(most < limit, f"{most} of {limit} descriptors are used")
    # Now every connection gets a request that does not end.
    uploads = []
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    refused, other = 0, []
    for _ in range(limit):
        client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        client.send(f"POST /v1/goods/documents HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: 9\r\n\r\n".encode())
        uploads.append(client)
    time.sleep(1)
    for client in select_readable(uploads):
        with contextlib.suppress(OSError):
            answer = client.recv(10_000)
            refused += answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 1\r\n" in answer
            if answer and not answer.startswith(b"HTTP/1.1 503 "):
                other.append(answer[-300:])
    check(refused > 0 and not other, f"{refused} were refused; others got {other}; log: {server.log}")
    used = server.processor()
    time.sleep(1)
    busy = max(busy, server.processor() - used)
    check(busy < .5, f"with {limit} descriptors a processor is {busy:.0%} busy")
    for client in uploads + idle:
        client.close()
    # The server may not have seen yet that they left.
    end = time.monotonic() + 10
    while get(server.connect(), "/v1/goods/search?q=word1")[0] != 200:
        check(time.monotonic() < end, "the server does not answer after the siege")
        time.sleep(.05)
    lines = len(server.log)
    check(server.end() == 0, "the server did not end well")
    print(f"{limit} descriptors: 40 of 40 answered beside {2 * limit} idle clients, at most {most} used, processor {busy:.0%} busy, "
          f"{refused} refused with 503, {lines} lines logged")


def prove_end(quire, data, headers, second):
    server = begin(quire, data, "--drain-timeout", "600" if second else "1", "--commit-after", "3600")
    key = f"end-{second}"
    status, _ = get(server.connect(), "/v1/goods/documents", "POST", json.dumps({"id": key, "title": key}), headers)
    check(status == 200, f"the change got {status}")
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    client.send(f"POST /v1/goods/documents HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: 99\r\n\r\n{{".encode())
    time.sleep(.2)
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    if second:
        time.sleep(.3)
        check(server.process.poll() is None, "the server did not wait for the upload")
        server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(timeout=60)
    took = time.monotonic() - started
    answer = client.recv(1000)
    check(code == 0, f"exit code {code}")
    check(answer.startswith(b"HTTP/1.1 503 "), f"the upload got {answer}")
    found = subprocess.run([quire, "search", "--data", data, "--catalog", "goods", key], capture_output=True, text=True).stdout
    check(not found.startswith("0 found"), "an acknowledged change is gone")
    check(took < 4, f"the server took {took:.1f} s to end")
    print(f"SIGTERM{' twice' if second else ', limit 1 s'}: exit 0 after {took:.2f} s, the silent upload got 503, the change is there")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", required=True)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--slow", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--share", type=float, default=.9)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    pick = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        documents = ({"id": str(i), "title": " ".join(pick.choices(WORDS, k=12))} for i in range(20_000))
        data = DataFolder(options.quire, folder)
        data.index("goods", {"title": "text"}, documents)
        headers = data.headers()
        prove_siege(options.quire, data.path, options)
        for limit in (64, 256):
            prove_descriptors(options.quire, data.path, headers, limit)
        for second in (False, True):
            prove_end(options.quire, data.path, headers, second)


if __name__ == "__main__":
    main()
