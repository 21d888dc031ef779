#!/usr/bin/env python3
"""Rushes at flash sales of a shop, kills its parts meanwhile, and counts units, orders and tickets.

    scripts/prove-flash.py --bin .build/release [--users 20000] [--units 1000] [--only kills,loss,rate,shed] [--report FILE]

kills    F1: each user claims three times in any order at 256 connections, and the worker is killed twice meanwhile
loss     F1 again, and Redis is killed once after the burst
rate     F2, F3: as many units as users, without a worker: the rate of claims; then how fast a worker makes orders of them
         all, and how long after a burst the last order is there with a worker beside it
shed     F4: claims of a sale that is sold out

Claims carry access tokens, which the proof mints, and each user has an address of its own behind a trusted proxy; the limits of
requests stay on. Probes of the same run are requests of `/healthz` by the same client, and orders of the shop's own tables in a
file beside its database, a hundred to a commit. The client shares the machine with the shop: ratios of processor time, which it
does not change, stand beside those of rates. Ends with 1 if a promise is broken.
"""
import argparse
import base64
import contextlib
import hmac
import json
import os
import random
import selectors
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from served import Demands
from shop_processes import ADDRESS, book, running_shop

CONNECTIONS = 256


def signer(folder):
    """A function that mints the access token of an account, with the shop's own key."""
    with open(f"{folder}/keys.json") as file:
        key = json.load(file)["keys"][0]
    # HKDF with SHA-256 and without salt, for one block.
    secret = hmac.digest(bytes(32), base64.b64decode(key["secret"]), "sha256")
    secret = hmac.digest(secret, b"access\x01", "sha256")
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    head = encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": key["id"]}).encode())

    def mint(passport):
        now = int(time.time())
        claims = {"iss": "quire-shop", "aud": "shop", "sub": str(passport), "sid": f"proof-{passport}", "jti": "proof", "rv": 0,
                  "ep": now * 1000, "iat": now, "exp": now + 900}
        text = head + b"." + encode(json.dumps(claims).encode())
        return (text + b"." + encode(hmac.digest(secret, text, "sha256"))).decode()

    return mint


def add_users(processes, count):
    """Adds accounts with an address each, and answers their ids."""
    with contextlib.closing(sqlite3.connect(f"{processes.folder}/shop/shop.sqlite", timeout=30)) as database, database:
        first, = database.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM passport").fetchone()
        ids = range(first, first + count)
        database.executemany(
            "INSERT INTO passport (id, username, username_key, password, email, email_key, is_active, password_changed_at, created_at,"
            " updated_at) VALUES (?, ?, ?, '-', ?, ?, 1, 0, 0, 0)", [(n, f"u{n}", f"u{n}", f"u{n}@x.cn", f"u{n}@x.cn") for n in ids])
        database.executemany(
            "INSERT INTO address (passport_id, recipient_name, recipient_addr, zip_code, recipient_phone, is_default, created_at,"
            " updated_at) VALUES (?, ?, ?, ?, ?, 1, 0, 0)", [(n, *ADDRESS.values()) for n in ids])
    return ids


def claims(processes, sale, users):
    """The requests with which users claim a unit each."""
    mint = signer(f"{processes.folder}/shop")
    return [
        f"POST /api/v1/flash/{sale}/claim HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}\r\n"
        f"Authorization: Bearer {mint(n)}\r\nContent-Length: 0\r\n\r\n".encode() for n in users]


def hellos(count):
    return [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"] * count


def rush(processes, requests):
    """Sends requests over many connections, one at a time on each. Answers each reply's status and body, the seconds, and the
    processor time that the app has used for a request."""
    address, replies, waiting = ("127.0.0.1", processes.ports["app"]), [], iter(requests)
    with selectors.DefaultSelector() as selector:
        for _, request in zip(range(CONNECTIONS), waiting):
            connection = socket.create_connection(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, request)
        used, started = processes.processor(), time.monotonic()
        for key in list(selector.get_map().values()):
            key.fileobj.sendall(key.data)
        while selector.get_map():
            for key, _ in selector.select(30):
                connection, reply = key.fileobj, key.fileobj.recv(65_536)
                assert reply, "the connection has ended"
                head, _, body = reply.partition(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                replies.append((int(head[9:12]), body))
                request = next(waiting, None)
                if request is None:
                    selector.unregister(connection)
                    connection.close()
                else:
                    connection.sendall(request)
        seconds = time.monotonic() - started
    return replies, seconds, (processes.processor() - used) / len(replies) * 1e6


def publish(processes, units):
    moment = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return processes.run(
        "quire-shop", "flash", "publish", "--goods", "1", "--price", "9.90", "--stock", str(units), "--start", moment(-1), "--end",
        moment(3600)).strip()


def waiting(processes):
    """The number of entries in the stream; None while Redis is away. A process for each question would take the worker's core."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{processes.folder}/shop/redis/redis.sock")
            connection.sendall(b"XLEN jobs:{flash}\r\n")
            reply = connection.recv(64)
    except OSError:
        return None
    return int(reply[1:]) if reply.startswith(b":") else None


def drain(processes, limit=120, pause=0.25):
    """Waits until all claims have become orders or failed."""
    started = time.monotonic()
    while waiting(processes) != 0:
        assert time.monotonic() - started < limit, f"{waiting(processes)} claims wait after {limit} s"
        time.sleep(pause)


def orders(processes, sale):
    """The rows of a sale's orders: account and ticket."""
    with processes.database() as database:
        return database.execute("SELECT passport_id, ticket FROM flash_order WHERE flash_id = ?", (sale,)).fetchall()


def reconcile(processes, sale):
    command = [f"{processes.programs}/quire-shop", "flash", "reconcile", sale]
    done = subprocess.run(command, env=processes.environment, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip(), done.returncode == 0


def prove_correctness(processes, users, units, demands, kills_redis):
    """Everybody claims three times; the worker is killed twice meanwhile."""
    name, sale = "loss" if kills_redis else "kills", publish(processes, units)
    requests = claims(processes, sale, users) * 3
    random.Random(1).shuffle(requests)

    def kill():
        for _ in range(2):
            while not ended.wait(0.05) and not orders(processes, sale):
                pass
            processes.kill("worker")
            ended.wait(1)

    ended = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    replies, seconds, _ = rush(processes, requests)
    ended.set()
    killer.join()
    if kills_redis:
        processes.kill("redis")
    drain(processes)
    made = orders(processes, sale)
    tickets = {json.loads(body)["ticket"] for status, body in replies if status == 202}
    counts = {status: sum(1 for reply, _ in replies if reply == status) for status in sorted({status for status, _ in replies})}
    demands.show(f"{name}: {len(requests)} claims of {units} units, replies by status", f"{counts} in {seconds:.1f} s")
    holds = len(made) <= units if kills_redis else len(made) == units
    demands(f"{name}: orders, at most or exactly as many as units", len(made), holds)
    demands(f"{name}: users with an order", len({row[0] for row in made}), len({row[0] for row in made}) == len(made))
    demands(f"{name}: tickets that were answered and are orders", f"{len(tickets & {row[1] for row in made})} of {len(tickets)}",
            tickets == {row[1] for row in made})
    demands(f"{name}: reconcile", *reconcile(processes, sale))


def batches(processes, seconds=3):
    """Orders a second of the shop's own tables in a bare file beside its database, a hundred to a durable commit, and the
    processor time of one in microseconds."""
    path = f"{processes.folder}/probe.sqlite"
    with processes.database() as shop:
        schema = [sql for sql, in shop.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")]
    database = sqlite3.connect(path, isolation_level=None)
    for sql in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *sorted(schema, key=lambda sql: "INDEX" in sql[:20])]:
        database.execute(sql)
    database.execute("INSERT INTO flash_sale VALUES (1, 1, 1, 1000000000, 0, 0, 0, 1, 1, 0, 0)")
    count, limit, used = 0, time.monotonic() + seconds, time.process_time()
    while time.monotonic() < limit:
        database.execute("BEGIN IMMEDIATE")
        for number in range(count, count + 100):
            order = f"20270115120000000{number:08}"
            database.execute("UPDATE flash_sale SET sold = sold + 1 WHERE id = 1 AND sold < stock")
            database.execute(
                "INSERT INTO order_info (order_id, passport_id, addr_id, addr_json, total_count, total_price, transit_price, pay_method,"
                " status, idem_key, idem_request, expires_at, created_at, updated_at) VALUES (?, ?, 1, ?, 1, 990, 1000, 3, 1, ?, ?, 1, 1, 1)",
                (order, number, "x" * 150, f"flash:1-{number:022}", f"{number:064}"))
            database.execute("INSERT INTO order_goods VALUES (?, 1, 1, 990, 'Book 1')", (order,))
            database.execute(
                "INSERT INTO order_event (order_id, to_status, actor, created_at) VALUES (?, 1, ?, 1)", (order, f"passport:{number}"))
        database.execute("COMMIT")
        count += 100
    used = time.process_time() - used
    database.close()
    for file in path, path + "-wal", path + "-shm":
        if os.path.exists(file):
            os.remove(file)
    return count / seconds, used / count * 1e6


def prove_rate(processes, users, demands):
    requests = hellos(len(users))
    rush(processes, requests)
    before = rush(processes, requests)
    sale = publish(processes, len(users))
    processes.end("worker")
    replies, seconds, used = rush(processes, claims(processes, sale, users))
    after = rush(processes, requests)
    hello = len(users) / ((before[1] + after[1]) / 2)
    hello_used, rate = (before[2] + after[2]) / 2, len(users) / seconds
    demands("rate: claims that got a ticket", f"{sum(status == 202 for status, _ in replies)} of {len(users)}",
            all(status == 202 for status, _ in replies))
    demands("F2: claims a second; /healthz a second; ratio (at least 0.2)", f"{rate:.0f}; {hello:.0f}; {rate / hello:.2f}",
            rate / hello >= 0.2)
    demands.show("F2: processor time of the app for a claim, for /healthz; ratio", f"{used:.0f} µs; {hello_used:.0f} µs; {hello_used / used:.2f}")
    probe = batches(processes)
    processes.start("worker")
    began = time.monotonic()
    while waiting(processes) == len(users):
        began = time.monotonic()
        time.sleep(0.01)
    drain(processes, pause=0.01)
    rate, made = len(users) / (time.monotonic() - began), len(orders(processes, sale))
    used = processes.processor("worker") / len(users) * 1e6
    probe, probe_used = [(one + other) / 2 for one, other in zip(probe, batches(processes))]
    demands("F3: claims that became orders", made, made == len(users))
    demands("F3: orders a second; probe in batches of 100; ratio (at least 0.5)", f"{rate:.0f}; {probe:.0f}; {rate / probe:.2f}",
            rate / probe >= 0.5)
    demands.show("F3: processor time of the worker for an order and its mail, of the probe; ratio",
                 f"{used:.0f} µs; {probe_used:.0f} µs; {probe_used / used:.2f}")
    sale = publish(processes, len(users))
    _, seconds, _ = rush(processes, claims(processes, sale, users))
    ended = time.time()
    drain(processes, pause=0.01)
    last = time.time() - ended
    demands(f"F3: the last order after a burst of {seconds:.1f} s (at most 5 s)", f"{last:.1f} s", last <= 5)
    demands("rate: reconcile", *reconcile(processes, sale))


def prove_shedding(processes, users, demands):
    sale = publish(processes, 1)
    requests = claims(processes, sale, users)
    rush(processes, requests[:2 * CONNECTIONS])
    drain(processes)
    processes.end("worker")
    with processes.database() as database:
        version = lambda: database.execute("PRAGMA data_version").fetchone()[0]
        hello, written = rush(processes, hellos(len(users))), version()
        replies, seconds, used = rush(processes, requests)
        after = rush(processes, hellos(len(users)))
        demands("F4: writes to the database meanwhile", version() - written, version() == written)
    rate, hello_rate = len(users) / seconds, len(users) / ((hello[1] + after[1]) / 2)
    demands("F4: replies that say sold out, or the one ticket", len(replies), {status for status, _ in replies} <= {409, 202})
    demands("F4: claims a second after the end; /healthz; ratio (at least 0.4)", f"{rate:.0f}; {hello_rate:.0f}; {rate / hello_rate:.2f}",
            rate / hello_rate >= 0.4)
    demands.show("F4: processor time of the app for a claim, for /healthz; ratio",
                 f"{used:.0f} µs; {(hello[2] + after[2]) / 2:.0f} µs; {(hello[2] + after[2]) / 2 / used:.2f}")
    processes.start("worker")


class Report(Demands):
    """The table, which is written to a file as well."""

    def __init__(self, title, file):
        self.file = file
        super().__init__(title)
        self.write(f"| {title} | | |\n|---|---|---|")

    def write(self, line):
        if self.file:
            print(line, file=self.file, flush=True)

    def show(self, name, value):
        super().show(name, value)
        self.write(f"| {name} | {value} | |")

    def __call__(self, name, value, holds):
        super().__call__(name, value, holds)
        self.write(f"| {name} | {value} | {'holds' if holds else '**missed**'} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--only", default="kills,loss,rate,shed")
    parser.add_argument("--report", type=argparse.FileType("w"))
    options = parser.parse_args()
    settings = {"SHOP_HTTP_LIMITS": "true", "SHOP_HTTP_TRUSTED_PROXIES": "127.0.0.1"}
    with running_shop(options.bin, [book(1, 10_000_000)], **settings) as processes:
        users = add_users(processes, options.users)
        processes.start("app")
        processes.start("worker")
        demands = Report("promise", options.report)
        proofs = {
            "kills": lambda: prove_correctness(processes, users, options.units, demands, False),
            "loss": lambda: prove_correctness(processes, users, options.units, demands, True),
            "rate": lambda: prove_rate(processes, users, demands),
            "shed": lambda: prove_shedding(processes, users, demands),
        }
        for name in options.only.split(","):
            proofs[name]()
    demands.end()


main()
