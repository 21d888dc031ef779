#!/usr/bin/env python3
"""Kills the processes of a shop with SIGKILL in turn while people buy, and looks whether anything is lost or doubled.

    scripts/prove-shop.py --bin .build/debug [--rounds 20] [--buyers 6] [--seed 1]

`--bin` holds `quire` and `quire-shop`. A round kills the app, the worker, Redis or the search server and starts it again (Redis
is started by the shop). Buyers order with keys of their own, repeat what got no answer, and set a line of their carts. Then:
each acknowledged order is there once, stock and sold goods of all orders make the stock of the beginning, search equals the
database, and a cart has what was acknowledged up to a second before the last kill of Redis. Ends with 1 at a difference.
"""
import argparse
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

STOCK, GOODS = 400, 20


class Processes:
    """The processes of a shop, by name, with the commands that start them."""

    def __init__(self, folder, programs):
        self.folder, self.programs, self.running = folder, programs, {}
        self.environment = dict(
            os.environ, SHOP_DATA=f"{folder}/shop", SHOP_HTTP_PORT="0", SHOP_HTTP_LIMITS="false", SHOP_PASSWORD_COST="10",
            SHOP_REDIS_TIMEOUT_MILLISECONDS="10000")
        self.ports = {}

    def run(self, program, *arguments):
        return subprocess.run(
            [f"{self.programs}/{program}", *arguments], env=self.environment, capture_output=True, text=True, check=True).stdout

    def start(self, name):
        if name == "search":
            command = ["quire", "serve", "--data", f"{self.folder}/search", "--port", str(self.ports.get(name, 0))]
        else:
            self.environment["SHOP_HTTP_PORT"] = str(self.ports.get("app", 0))
            command = ["quire-shop", "serve", name]
        process = subprocess.Popen(
            [f"{self.programs}/{command[0]}", *command[1:]], env=self.environment, stderr=subprocess.PIPE, text=True)
        self.running[name] = process
        if name != "worker":
            for line in process.stderr:
                if line.startswith("serving "):
                    self.ports[name] = int(line.rstrip().rstrip("/").replace(":", " ").split()[-1])
                    break
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def kill(self, name):
        if name == "redis":
            with open(f"{self.folder}/shop/redis/redis.pid") as file:
                os.kill(int(file.read()), signal.SIGKILL)
            return
        self.running[name].kill()
        self.running[name].wait()
        self.start(name)

    def stop(self):
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)


class Buyer(threading.Thread):
    """A person who orders, with an access token, and repeats requests that got no answer with the same key."""

    def __init__(self, number, processes, stop, seed):
        super().__init__(daemon=True)
        self.name_, self.processes, self.stop_, self.random = f"buyer{number}", processes, stop, random.Random(seed * 100 + number)
        self.orders, self.refused, self.token = {}, 0, None
        self.cart_goods, self.cart, self.address, self.number = GOODS + 1, [], None, number

    def request(self, method, path, body=None, **headers):
        """The status and the JSON of a reply; None if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.processes.ports["app"], timeout=30)
        try:
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            connection.request(
                method, f"/api/v1{path}", json.dumps(body) if body is not None else None,
                {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return None, None
        finally:
            connection.close()

    def until(self, expected, *arguments, **headers):
        """Repeats a request until it has one of the expected statuses."""
        while True:
            status, body = self.request(*arguments, **headers)
            if status in expected:
                return status, body
            if status == 401 and arguments[1] != "/login":
                self.login()
            elif status is not None and status not in (502, 503):
                raise AssertionError(f"{arguments} {status} {body}")
            time.sleep(0.05)

    def login(self):
        self.token = None
        body = {"username": self.name_, "password": "password1", "mode": "token"}
        self.token = self.until({200}, "POST", "/login", body)[1]["access_token"]

    def prepare(self):
        address = {"recipient_name": "李明", "recipient_addr": "上海", "zip_code": "200000", "recipient_phone": "13800138000"}
        body = {"username": self.name_, "email": f"{self.name_}@example.com", "password": "password1"}
        self.until({202}, "POST", "/register", body)
        database = sqlite3.connect(f"{self.processes.folder}/shop/shop.sqlite", timeout=30)
        for (payload,) in database.execute("SELECT payload FROM job_outbox WHERE payload LIKE ?", (f'%"{self.name_}"%',)):
            self.until({200, 400}, "POST", "/activate", {"token": json.loads(payload)["token"]})
        database.close()
        self.login()
        self.address = self.until({201}, "POST", "/addresses", address)[1]["id"]

    def run(self):
        while not self.stop_.is_set():
            goods = self.random.sample(range(1, GOODS + 1), self.random.randint(1, 3))
            body = {
                "address_id": self.address, "pay_method": self.random.choice([1, 3]),
                "items": [{"goods_id": id, "count": self.random.randint(1, 2)} for id in goods]}
            key = str(uuid.uuid4())
            status, order = self.until({201, 409}, "POST", "/orders", body, Idempotency_Key=key)
            if status == 201:
                self.orders[key] = order["order_id"]
                if self.random.random() < 0.3:
                    self.until({200, 409}, "POST", f"/orders/{order['order_id']}/cancel", {})
            else:
                self.refused += 1
            count = self.random.randint(1, 99)
            self.until({200}, "PUT", f"/cart/items/{self.cart_goods}", {"count": count})
            self.cart.append((time.monotonic(), count))


def check(processes, buyers):
    """The differences between what was acknowledged and what is there, as sentences."""
    database = sqlite3.connect(f"{processes.folder}/shop/shop.sqlite", timeout=30)
    found = {}
    for order, key in database.execute("SELECT order_id, idem_key FROM order_info"):
        found.setdefault(key, []).append(order)
    for buyer in buyers:
        for key, order in buyer.orders.items():
            if found.get(key) != [order]:
                yield f"order {order} of {buyer.name_}: {found.get(key)}"
    sold = dict(database.execute(
        "SELECT goods_id, SUM(count) FROM order_goods JOIN order_info USING (order_id) WHERE status NOT IN (6, 8)"
        " GROUP BY goods_id"))
    for id, stock, sales in database.execute("SELECT id, stock, sales FROM goods WHERE id <= ?", (GOODS,)):
        if stock < 0 or stock + sold.get(id, 0) != STOCK or sales != sold.get(id, 0):
            yield f"goods {id}: stock {stock}, sales {sales}, sold {sold.get(id, 0)}"
    for buyer in buyers:
        cart = buyer.until({200}, "GET", "/cart")[1]["items"]
        counts = [line["count"] for line in cart if line["goods_id"] == buyer.cart_goods]
        if counts != [buyer.cart[-1][1]]:
            yield f"cart of {buyer.name_}: {counts}, acknowledged {buyer.cart[-1][1]}"
    for _ in range(100):
        verdict = subprocess.run(
            [f"{processes.programs}/quire-shop", "feed", "verify", "local"], env=processes.environment, capture_output=True,
            text=True)
        if verdict.returncode == 0:
            return
        time.sleep(0.2)
    yield f"search: {verdict.stdout} {verdict.stderr}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        processes = Processes(folder, os.path.abspath(options.bin))
        processes.run(
            "quire", "create", "--data", f"{folder}/search", "--catalog", "books", "--schema", "Fixtures/shop/schema.json",
            "--profile", "Fixtures/shop/profile.json")
        key = processes.run("quire", "keys", "add", "shop", "--data", f"{folder}/search").strip()
        with open(f"{folder}/goods.jsonl", "w") as file:
            for number in range(1, GOODS + 2):
                book = {"id": f"g{number}", "title": f"Book {number}", "price": 10, "stock": STOCK, "sales": 0, "collection": "x"}
                print(json.dumps(book), file=file)
        try:
            processes.start("search")
            processes.environment.update(
                SHOP_FEED_KEY=key, SHOP_FEED_TARGETS=f"local=http://127.0.0.1:{processes.ports['search']}/v1/books",
                SHOP_ORDERS_UNPAID_LIMIT="1000000")
            processes.run("quire-shop", "seed", f"{folder}/goods.jsonl")
            processes.start("app")
            processes.start("worker")
            stop = threading.Event()
            buyers = [Buyer(number, processes, stop, options.seed) for number in range(1, options.buyers + 1)]
            for buyer in buyers:
                buyer.prepare()
            for buyer in buyers:
                buyer.start()
            for number in range(options.rounds):
                victim = ["app", "worker", "redis", "search"][number % 4]
                time.sleep(chance.uniform(0.3, 1.5))
                processes.kill(victim)
                print(f"round {number + 1}: {victim}, {sum(len(buyer.orders) for buyer in buyers)} orders", flush=True)
            time.sleep(2)
            stop.set()
            for buyer in buyers:
                buyer.join(120)
                if buyer.is_alive():
                    sys.exit(f"{buyer.name_} got no answer for two minutes")
            differences = list(check(processes, buyers))
        finally:
            processes.stop()
    refused = sum(buyer.refused for buyer in buyers)
    print(f"{options.rounds} kills, {sum(len(b.orders) for b in buyers)} orders, {refused} refused: {len(differences)} differences")
    for difference in differences[:20]:
        print(difference)
    sys.exit(1 if differences else 0)


main()
