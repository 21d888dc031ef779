#!/usr/bin/env python3
"""Kills the processes of a shop with SIGKILL in turn while people pay, and looks whether money or units are lost or doubled.

    scripts/prove-shop-pay.py --bin .build/debug [--rounds 20] [--buyers 6] [--seed 1]

`--bin` holds `quire` and `quire-shop`; Alipay is Fixtures/providers/alipay_fake.py, whose SDK ./quire-test puts into
.build/providers. A round kills the app, the worker or Redis and starts it again. Buyers pay in time, pay and never come back,
pay what they have canceled, cancel, or do nothing; half of them claim units of flash sales. Then: each sale reconciles; what Alipay holds belongs to an order that is paid, what it gave back to
one that is refunded, each once; no order waits; stock and sold goods make the stock of the beginning; each paid and each refunded
order has its mail, and a kill makes one copy of a mail at most. Ends with 1 at a difference.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

from shop_processes import Customer, book, kill_while_used, running_shop

STOCK, GOODS, SALES, UNITS, TIMEOUT = 4000, 20, 40, 3, 5
PAID, CANCELED, REFUNDED = 2, 6, 8


def fetch(address):
    with urllib.request.urlopen(address, timeout=30) as reply:
        return reply.read()


class Buyer(Customer):
    """A person who orders, and pays or does not."""

    def __init__(self, number, processes, gateway, seed):
        super().__init__("payer", number, processes, seed)
        self.gateway, self.tickets, self.lost = gateway, set(), []
        # The ways in which orders went on, and the number that came from flash sales.
        self.orders = collections.Counter()

    def count(self):
        return self.orders.total() - self.orders["flash"]

    def order(self):
        """Orders goods, and answers the number."""
        items = [{"goods_id": self.random.randint(1, GOODS), "count": 1}]
        body = {"address_id": self.address, "pay_method": 3, "items": items}
        return self.until({201}, "POST", "/orders", body, Idempotency_Key=str(uuid.uuid4()))[1]["order_id"]

    def claim(self):
        """Claims a unit of a sale, and answers the number of its order; None if there is no unit, or it is paid already."""
        status, reply = self.until({202, 409}, "POST", f"/flash/{self.random.randint(1, SALES)}/claim", {})
        if status == 409 or reply["ticket"] in self.tickets:
            return None
        self.tickets.add(reply["ticket"])
        while not self.stop.is_set():
            status, state = self.until({200, 404}, "GET", f"/flash/tickets/{reply['ticket']}")
            if status == 404 or state["status"] == "failed":
                self.lost.append((reply["ticket"], state))
                return None
            if state["status"] == "ordered":
                return state["order_id"]
            time.sleep(0.05)

    def run(self):
        while not self.stop.is_set():
            is_rush = self.random.random() < 0.5
            order = self.claim() if is_rush else self.order()
            if order is None:
                continue
            self.orders["flash"] += is_rush
            way = self.random.choice(["notice", "silent", "late", "cancel", "nothing"])
            status, reply = self.until({200, 409}, "POST", f"/orders/{order}/pay", {})
            if status == 409:   # its time was over before the answer came
                continue
            if way in ("late", "cancel"):
                self.until({200, 409}, "POST", f"/orders/{order}/cancel", {})
            if way != "cancel":
                fetch(reply["pay_url"])
            if way in ("notice", "late"):
                # Leads back to the shop, which may be away.
                try:
                    fetch(f"{self.gateway}/buyer/pay?out_trade_no={order}")
                except OSError:
                    pass
            elif way == "silent":
                fetch(f"{self.gateway}/test/pay?out_trade_no={order}")
            self.orders[way] += 1


def trade(gateway, order):
    """The trade of an order at Alipay; nothing if nobody has opened its page."""
    try:
        return json.loads(fetch(f"{gateway}/test/trade?out_trade_no={order}"))
    except urllib.error.HTTPError:
        return None


def unreconciled(processes):
    """The sales whose units in Redis and in orders are not those of the beginning."""
    for sale in range(1, SALES + 1):
        try:
            processes.run("quire-shop", "flash", "reconcile", str(sale))
        except subprocess.CalledProcessError as error:
            yield f"sale {sale}: {error.stdout} {error.stderr}"


def differences(processes, gateway, kills):
    with processes.database() as database:
        rows = database.execute("SELECT order_id, status, trade_id FROM order_info").fetchall()
        held = dict(database.execute(
            "SELECT goods_id, SUM(count) FROM order_goods JOIN order_info USING (order_id) WHERE status NOT IN (6, 7, 8)"
            " GROUP BY goods_id"))
        stocks = database.execute("SELECT id, stock, sales FROM goods").fetchall()
    mails = collections.defaultdict(set)
    taken = processes.mails()
    for mail in taken:
        for kind, number in re.findall(r"^<(order|paid|refunded)-(\d{25})@", mail["id"]):
            mails[number].add(kind)
    yield from unreconciled(processes)
    counts = collections.Counter(status for _, status, _ in rows)
    for order, status, number in rows:
        found = trade(gateway, order)
        state = found and found["trade_status"]
        refunds = len(found["refunds"]) if found else 0
        expected = (
            PAID if state == "TRADE_SUCCESS" else REFUNDED if refunds else CANCELED)
        if status != expected or refunds > 1 or (number is not None) != (status in (PAID, REFUNDED)):
            yield f"order {order}: status {status}, trade {number}, at Alipay {state} with {refunds} refunds"
        wanted = {PAID: {"order", "paid"}, REFUNDED: {"order", "refunded"}}.get(status, {"order"})
        if mails[order] != wanted:
            yield f"order {order}: status {status}, mails {sorted(mails[order])}"
    for id, stock, sales in stocks:
        if stock < 0 or stock + held.get(id, 0) != STOCK or sales != held.get(id, 0):
            yield f"goods {id}: stock {stock}, sales {sales}, held {held.get(id, 0)}"
    copies = len(taken) - len({mail["id"] for mail in taken})
    if copies > kills:
        yield f"{copies} copies of mails after {kills} kills"
    print(f"{len(rows)} orders by status {dict(counts)}, {len(taken)} mails, {copies} copies")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    books = [book(number, STOCK) for number in range(1, GOODS + SALES + 1)]
    with running_shop(options.bin, books, SHOP_ORDERS_TIMEOUT_SECONDS=str(TIMEOUT)) as processes:
        keys = f"{processes.folder}/alipay"
        fake = subprocess.Popen(
            ["/usr/bin/python3", "-W", "ignore", "-u", "Fixtures/providers/alipay_fake.py", "--keys", keys, "--app-id", "a",
             "--seller-id", "s"], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ".build/providers"})
        processes.running["alipay"] = fake
        gateway = f"http://127.0.0.1:{fake.stdout.readline().strip()}"
        processes.environment.update(
            SHOP_ALIPAY_GATEWAY=f"{gateway}/gateway.do", SHOP_ALIPAY_APP_ID="a", SHOP_ALIPAY_SELLER_ID="s",
            SHOP_ALIPAY_APP_KEY_FILE=f"{keys}/app-private.pem", SHOP_ALIPAY_PUBLIC_KEY_FILE=f"{keys}/alipay-public.pem")
        for name in "mail", "app":
            processes.start(name)
        # Now the port is known, at which Alipay finds the shop.
        processes.environment["SHOP_ALIPAY_NOTIFY_URL"] = f"http://127.0.0.1:{processes.ports['app']}/api/v1/pay/alipay/notify"
        processes.kill("app")
        moment = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        for number in range(1, SALES + 1):
            processes.run(
                "quire-shop", "flash", "publish", "--goods", str(GOODS + number), "--price", "500", "--stock", str(UNITS),
                "--start", moment(0), "--end", moment(3600))
        processes.start("worker")
        buyers = [Buyer(number, processes, gateway, options.seed) for number in range(1, options.buyers + 1)]
        kill_while_used(processes, buyers, ["app", "worker", "redis"], options.rounds, chance)
        # The last notices, and the end of the time of the last orders.
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            with processes.database() as database:
                waiting, = database.execute("SELECT COUNT(*) FROM order_info WHERE status IN (1, 7)").fetchone()
            if waiting == 0:
                break
            time.sleep(1)
        time.sleep(20)
        processes.wait_for_jobs(600, ("accounts", "mail", "payments"))
        open_sales = list(unreconciled(processes))
        for number in range(1, SALES + 1):
            processes.run("quire-shop", "flash", "close", str(number))
        found = open_sales + [f"ticket {lost}" for buyer in buyers for lost in buyer.lost]
        found += differences(processes, gateway, options.rounds)
        ways = sum((buyer.orders for buyer in buyers), collections.Counter())
    print(f"{options.rounds} kills, ways {dict(ways)}: {len(found)} differences")
    for difference in found[:20]:
        print(difference)
    sys.exit(1 if found else 0)


main()
