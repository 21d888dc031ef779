#!/usr/bin/env python3
"""Loads a shop, beside probes of the same run, and looks whether its promises hold meanwhile.

    scripts/prove-shop-load.py --bin .build/release [--seconds 10] [--changes 100000] [--only orders,cart,...]
                               [--sync-milliseconds 0]

orders   64 buyers of 10 hot goods: stock and sold goods make the stock of the beginning, refusals name goods
cart     64 adders of one line lose no addition
pages    256 requests for a page that Redis has lost build it once; pages from the cache
jobs     10,000 jobs of the outbox, each done
search   50 edits and 50 searches a second: the time from the commit of an edit until a search shows it
outage   100,000 changes while search is down: what the shop's customers notice, and when search has caught up

Probes are commits of a bare SQLite file in the same folder, pings of Redis, and requests of `/healthz`. Requests are compared by
the processor time that the app takes, because the client shares the machine. On a disk that syncs in a fraction of a millisecond
the client's own time bounds the orders; --sync-milliseconds makes each sync longer, for the probe as for the shop, so that the
disk does. The limits of requests stay on; each request comes
from another address. Ends with 1 if a promise is broken.
"""
import argparse
import collections
import http.client
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from served import Demands, percentile
from shop_processes import Person, book, running_shop

GOODS, HOT, BUYERS, STOCK = 20_000, 10, 64, 100_000


class Client:
    """A connection that is kept, from another address with each request."""

    def __init__(self, processes, token=None):
        self.port, self.token, self.connection = processes.ports["app"], token, None
        self.random = random.Random()

    def send(self, method, path, body=None, **headers):
        """Status and JSON of a reply, and its seconds."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        address = f"10.{self.random.randrange(256)}.{self.random.randrange(256)}.{self.random.randrange(1, 255)}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()} | {"X-Forwarded-For": address}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        started = time.monotonic()
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        return reply.status, json.loads(content) if content else None, time.monotonic() - started


def together(count, body):
    """Runs a body on threads at the same time, with their numbers; answers what each returned."""
    results, barrier = [None] * count, threading.Barrier(count)

    def run(number):
        barrier.wait()
        results[number] = body(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def cost(processes, threads, seconds, request):
    """Microseconds of the app's processor time for a request, requests a second, and the seconds of all requests."""
    before, limit = processes.processor(), time.monotonic() + seconds

    def run(number):
        client, times = Client(processes), []
        while time.monotonic() < limit:
            times.append(request(client, number))
        return times

    times = [taken for part in together(threads, run) for taken in part]
    return (processes.processor() - before) / len(times) * 1e6, len(times) / seconds, times


def commits(folder, seconds=3):
    """Durable commits a second of one thread: a bare SQLite file in WAL mode with synchronous=FULL."""
    database = sqlite3.connect(f"{folder}/probe.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY, value TEXT)")
    count, limit = 0, time.monotonic() + seconds
    while time.monotonic() < limit:
        database.execute("INSERT INTO probe (value) VALUES (?)", ("x" * 200,))
        count += 1
    database.close()
    return count / seconds


def redis(processes, *arguments):
    command = ["redis-cli", "-s", f"{processes.folder}/shop/redis/redis.sock", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pings(processes):
    """Pings a second of 50 connections."""
    command = [
        "redis-benchmark", "-s", f"{processes.folder}/shop/redis/redis.sock", "-t", "ping_mbulk", "-n", "50000", "--csv"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split('"')[3])


def healthz(client, _=0):
    status, _, taken = client.send("GET", "/healthz")
    assert status == 200
    return taken


def page(client, _=0):
    status, _, taken = client.send("GET", "/api/v1/goods/1")
    assert status == 200, status
    return taken


class Editor:
    """`quire-shop goods edit`, which makes changes as they are asked for."""

    def __init__(self, processes, *options):
        self.process = subprocess.Popen(
            [f"{processes.programs}/quire-shop", "goods", "edit", *options], env=processes.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)

    def edit(self, number, **change):
        """Makes a change; returns when it is committed."""
        self.process.stdin.write(json.dumps({"code": f"g{number}", **change}) + "\n")
        assert self.process.stdout.readline().strip() == f"g{number}"

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def prove_orders(processes, people, demands, seconds):
    refusals, limit = [], time.monotonic() + seconds

    def buy(number):
        client, orders = Client(processes, people[number].token), 0
        while time.monotonic() < limit:
            items = [{"goods_id": id, "count": client.random.randint(1, 3)} for id in client.random.sample(range(1, HOT + 1), 3)]
            body = {"address_id": people[number].address, "pay_method": 1, "items": items}
            status, reply, _ = client.send("POST", "/api/v1/orders", body, Idempotency_Key=f"{number}-{client.random.random()}")
            if status == 201:
                orders += 1
            else:
                refusals.append((status, reply))
        return orders

    probe, before = commits(processes.folder), processes.processor()
    orders = sum(together(BUYERS, buy))
    used = processes.processor() - before
    probe = (probe + commits(processes.folder)) / 2
    with processes.database() as database:
        sold = dict(database.execute("SELECT goods_id, SUM(count) FROM order_goods GROUP BY goods_id"))
        rows = database.execute("SELECT id, stock FROM goods WHERE id <= ?", (HOT,)).fetchall()
    demands("orders: stock and sold goods make the first stock", f"{orders} orders, {sum(sold.values())} goods",
            all(stock >= 0 and stock + sold.get(id, 0) == first_stock(id) for id, stock in rows))
    demands("orders: every refusal is a 409 that names goods", len(refusals),
            all(status == 409 and reply.get("items") for status, reply in refusals) and len(refusals) > 0)
    rate = orders / seconds
    demands.show("orders a second; bare commits a second; ratio", f"{rate:.0f}; {probe:.0f}; {rate / probe:.2f}")
    demands.show("orders: requests; processor time of the app each", f"{orders + len(refusals)}; "
                 f"{used / (orders + len(refusals)) * 1000:.1f} ms")


def first_stock(id):
    """Two of the hot goods are sold out during the run."""
    return 40 if id <= 2 else STOCK


def prove_cart(processes, people, demands, seconds):
    token, counts = people[0].token, []
    path = "/api/v1/cart/items"
    clients = [Client(processes, token) for _ in range(BUYERS)]
    before = processes.processor()
    for _ in range(20):
        together(BUYERS, lambda number: clients[number].send("POST", path, {"goods_id": 50, "count": 1}))
        lines = clients[0].send("GET", "/api/v1/cart")[1]["items"]
        counts.append(next(line["count"] for line in lines if line["goods_id"] == 50))
        clients[0].send("DELETE", f"{path}/50")
    add = (processes.processor() - before) / (20 * BUYERS + 40) * 1e6
    demands(f"cart: {BUYERS} additions of one to a line, 20 times", f"{min(counts)} to {max(counts)}", set(counts) == {BUYERS})
    hello, rate, _ = cost(processes, 8, seconds, healthz)
    demands("cart: time of /healthz beside an addition (at least 0.22)", f"{hello:.0f} µs of {add:.0f} µs, {hello / add:.2f}",
            hello / add >= 0.22)
    demands.show("probe: /healthz a second from this client; pings a second", f"{rate:.0f}; {pings(processes):.0f}")


class Fills:
    """The times that a page is built and stored in Redis, which tells of each `HSET` of the page's key."""

    def __init__(self, processes, page):
        self.processes, socket = processes, f"{processes.folder}/shop/redis/redis.sock"
        redis(processes, "CONFIG", "SET", "notify-keyspace-events", "Kh")
        self.events = subprocess.Popen(
            ["redis-cli", "-s", socket, "SUBSCRIBE", f"__keyspace@0__:page:{page}", "proof"], stdout=subprocess.PIPE, text=True)
        while self.events.stdout.readline() != "proof\n":
            pass

    def take(self):
        """The number since the last call. The message `end` follows all events that were before it."""
        redis(self.processes, "PUBLISH", "proof", "end")
        return list(iter(self.events.stdout.readline, "end\n")).count("hset\n")

    def close(self):
        self.events.terminate()
        self.events.wait()


def follow_changes(processes):
    """Waits until the app has made the pages of all changed goods old: a page that is built before that is not stored."""
    with processes.database() as database:
        last, = database.execute("SELECT value FROM counter WHERE name = 'feed'").fetchone()
    while int(redis(processes, "GET", "cache:cursor")) < last:
        time.sleep(0.01)


def prove_pages(processes, demands, seconds):
    editor, clients, counts, old = Editor(processes), [Client(processes) for _ in range(256)], collections.Counter(), 0
    fills = Fills(processes, "goods:1")
    for client in clients:
        page(client)
    for price in range(2000, 2020):
        editor.edit(1, price=price)
        committed = time.monotonic()
        while clients[0].send("GET", "/api/v1/goods/1")[1]["price"] != price:
            old = max(old, time.monotonic() - committed)
        # The page is forgotten; of those who come now, one builds it.
        follow_changes(processes)
        redis(processes, "DEL", "page:goods:1")
        fills.take()
        prices = together(256, lambda number: clients[number].send("GET", "/api/v1/goods/1")[1]["price"])
        counts[fills.take()] += 1
        assert set(prices) == {price}
    fills.close()
    editor.close()
    demands("pages: builds for 256 requests at once, 20 times", dict(counts), set(counts) == {1})
    demands("pages: the longest time for which an old page was shown (at most 1 s)", f"{old:.2f} s", old <= 1)
    hello, _, _ = cost(processes, 8, seconds, healthz)
    hit, rate, _ = cost(processes, 8, seconds, page)
    demands("pages: time of /healthz beside a page (at least 0.35)", f"{hello:.0f} µs of {hit:.0f} µs, {hello / hit:.2f}",
            hello / hit >= 0.35)


def prove_jobs(processes, demands):
    count = 10_000
    processes.end("worker")
    with processes.database() as database:
        payload = json.dumps({"email": "nobody@example.org", "language": "en"})
        now = int(time.time() * 1000)
        rows = [("accounts", "forgot", payload, f"load-{number}", now) for number in range(count)]
        database.executemany(
            "INSERT INTO job_outbox (queue, kind, payload, idem_key, created_at) VALUES (?, ?, ?, ?, ?)", rows)
        database.commit()
    started = time.monotonic()
    processes.start("worker")
    processes.wait_for_jobs(300, ["accounts"])
    seconds = time.monotonic() - started
    dead = int(redis(processes, "XLEN", "jobs:{accounts}:dead"))
    done = int(redis(processes, "EVAL", "return #redis.call('KEYS', 'jobs:{accounts}:state:load-*')", "0"))
    demands("jobs: done and dead of 10,000", f"{done} and {dead}", (done, dead) == (count, 0))
    demands.show("jobs a second, from the outbox on", f"{count / seconds:.0f}")


def newest(client):
    """The number of the newest change that a search shows."""
    status, reply, _ = client.send("GET", "/v1/books/search?q=Edited&sort=feed_seq:desc&per_page=1&typo=off")
    assert status == 200, reply
    return reply["hits"][0]["document"]["feed_seq"] if reply["hits"] else 0


def prove_search(processes, demands, seconds):
    with processes.database() as database:
        first, = database.execute("SELECT value FROM counter WHERE name = 'feed'").fetchone()
    editor, committed, waits, ended = Editor(processes), [], [], threading.Event()

    def edit():
        start = time.monotonic()
        for number in range(50 * seconds):
            time.sleep(max(0, start + number / 50 - time.monotonic()))
            editor.edit(100 + number, name=f"Edited {number}")
            committed.append(time.monotonic())
        ended.set()

    thread = threading.Thread(target=edit)
    thread.start()
    client, searches = Client(processes), []
    start = time.monotonic()
    while (not ended.is_set() or len(waits) < len(committed)) and time.monotonic() < start + seconds + 30:
        time.sleep(max(0, start + len(searches) / 50 - time.monotonic()))
        asked = time.monotonic()
        seen = newest(client) - first
        now = time.monotonic()
        searches.append(now - asked)
        waits += [now - moment for moment in committed[len(waits):seen]]
    thread.join()
    editor.close()
    demands("search: commit until found, p50, p99, worst (p99 at most 1 s)",
            f"{statistics.median(waits):.2f}, {percentile(waits, .99):.2f}, {max(waits):.2f} s of {len(waits)} edits",
            percentile(waits, .99) <= 1)
    rate = len(committed) / (committed[-1] - committed[0])
    demands.show("search: edits a second; searches a second, p99", f"{rate:.0f}; {len(searches) / (now - start):.0f}, "
                 f"{percentile(searches, .99) * 1000:.0f} ms")


def prove_outage(processes, people, demands, changes):
    ended, phase = threading.Event(), ["before"]
    times, failures = collections.defaultdict(list), []

    def shop():
        client = Client(processes, people[0].token)
        while not ended.is_set():
            for path in "/api/v1/goods/1", "/api/v1/cart", "/api/v1/goods?sort=price":
                status, _, taken = client.send("GET", path)
                times[phase[0]].append(taken)
                if status != 200:
                    failures.append((path, status))
            time.sleep(0.02)

    thread = threading.Thread(target=shop)
    thread.start()
    time.sleep(5)
    processes.end("search")
    phase[0] = "outage"
    started = time.monotonic()
    lines = "".join(json.dumps({"code": f"g{number % GOODS + 1}", "price": number}) + "\n" for number in range(changes))
    subprocess.run(
        [f"{processes.programs}/quire-shop", "goods", "edit", "--transaction", "100"], env=processes.environment, text=True,
        input=lines, stdout=subprocess.DEVNULL, check=True)
    changed = time.monotonic() - started
    phase[0] = "after"
    started = time.monotonic()
    processes.start("search")
    difference = processes.verify(300)
    caught = time.monotonic() - started
    ended.set()
    thread.join()
    demands(f"outage: {changes} changes, made in {changed:.0f} s, are in search after", f"{caught:.1f} s {difference}", not difference)
    demands("outage: requests of the shop that failed", f"{len(failures)} of {sum(map(len, times.values()))}", not failures)
    shown = {name: f"{percentile(values, .5) * 1000:.0f}/{percentile(values, .99) * 1000:.0f}" for name, values in times.items()}
    demands.show("outage: p50/p99 of the shop in ms", ", ".join(f"{name} {value}" for name, value in shown.items()))


def slow_down(milliseconds):
    """Starts this script again, with syncs that take so much longer in it and in all processes that it starts."""
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "slow-sync.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow-sync.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        slow = {"LD_PRELOAD": library, "SLOW_SYNC_MICROSECONDS": str(round(milliseconds * 1000))}
        sys.exit(subprocess.run([sys.executable, *sys.argv], env=os.environ | slow).returncode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--only", default="orders,cart,pages,jobs,search,outage")
    parser.add_argument("--sync-milliseconds", type=float, default=0)
    options = parser.parse_args()
    if options.sync_milliseconds and "SLOW_SYNC_MICROSECONDS" not in os.environ:
        slow_down(options.sync_milliseconds)
    books = [book(number, first_stock(number)) for number in range(1, GOODS + 1)]
    settings = {"SHOP_HTTP_LIMITS": "true", "SHOP_HTTP_TRUSTED_PROXIES": "127.0.0.1"}
    with running_shop(options.bin, books, **settings) as processes:
        processes.start("app")
        people = [Person(f"person{number}", processes, f"10.0.0.{number}") for number in range(BUYERS)]
        for person in people:
            person.prepare()
        processes.start("worker")
        problem = processes.verify(120)
        assert not problem, problem
        demands = Demands("promise")
        proofs = {
            "orders": lambda: prove_orders(processes, people, demands, options.seconds),
            "cart": lambda: prove_cart(processes, people, demands, options.seconds),
            "pages": lambda: prove_pages(processes, demands, options.seconds),
            "jobs": lambda: prove_jobs(processes, demands),
            "search": lambda: prove_search(processes, demands, options.seconds),
            "outage": lambda: prove_outage(processes, people, demands, options.changes),
        }
        for name in options.only.split(","):
            proofs[name]()
    demands.end()


main()
