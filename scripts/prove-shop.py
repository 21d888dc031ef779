#!/usr/bin/env python3
"""Kills the processes of a shop with SIGKILL in turn while people buy, and looks whether anything is lost or doubled.

    scripts/prove-shop.py --bin .build/debug [--rounds 80] [--buyers 6] [--seed 1]

`--bin` holds `quire` and `quire-shop`. A round kills the app, the worker, Redis or the search server and starts it again (Redis
is started by the shop). Buyers order with keys of their own, repeat what got no answer, and set one line of their carts after the
other. Then: each acknowledged order is there once, stock and sold goods of all orders make the stock of the beginning, search
equals the database, and each line of a cart has what was acknowledged, but for the two seconds before a kill of Redis that an
append-only file written every second may lose. A mail server takes the mails,
each in 30 ms: every order has its mail, and a kill makes one copy of a mail at most, with the same Message-ID. Copies come
when the jobs of the dead are taken over, after three minutes. Ends with 1 at a difference.
"""
import argparse
import collections
import random
import re
import sys
import time
import uuid

from shop_processes import Customer, book, kill_while_used, running_shop

STOCK, GOODS = 4000, 20
# Goods that are put into carts and never ordered, and the seconds before a kill of Redis that may be lost.
CART_GOODS, LOST = range(GOODS + 1, GOODS + 61), 2


class Buyer(Customer):
    """A person who orders, and repeats what got no answer with the same key."""

    def __init__(self, number, processes, seed):
        super().__init__("buyer", number, processes, seed)
        self.orders, self.refused = {}, 0
        # What was acknowledged for each line of the cart, with its time.
        self.cart = collections.defaultdict(list)

    def count(self):
        return len(self.orders)

    def run(self):
        while not self.stop.is_set():
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
            line = CART_GOODS[sum(map(len, self.cart.values())) % len(CART_GOODS)]
            count = self.random.randint(1, 99)
            self.until({200}, "PUT", f"/cart/items/{line}", {"count": count})
            self.cart[line].append((time.monotonic(), count))

    def cart_differences(self, kills):
        """The lines of the cart that have none of the counts they may have after kills of Redis at some times."""
        found = {line["goods_id"]: line["count"] for line in self.until({200}, "GET", "/cart")[1]["items"]}
        for line, counts in self.cart.items():
            possible = [None]
            for at, count in counts:
                may_be_lost = any(0 <= kill - at < LOST for kill in kills)
                possible = possible + [count] if may_be_lost else [count]
            if found.get(line) not in possible:
                yield f"cart of {self.name}: {found.get(line)} of goods {line}, acknowledged {possible}"


def check(processes, buyers, kills):
    """The differences between what was acknowledged and what is there, as sentences."""
    with processes.database() as database:
        rows = database.execute("SELECT order_id, idem_key FROM order_info").fetchall()
        sold = dict(database.execute(
            "SELECT goods_id, SUM(count) FROM order_goods JOIN order_info USING (order_id) WHERE status NOT IN (6, 7, 8)"
            " GROUP BY goods_id"))
        stocks = database.execute("SELECT id, stock, sales FROM goods WHERE id <= ?", (GOODS,)).fetchall()
    found = {}
    for order, key in rows:
        found.setdefault(key, []).append(order)
    for buyer in buyers:
        for key, order in buyer.orders.items():
            if found.get(key) != [order]:
                yield f"order {order} of {buyer.name}: {found.get(key)}"
    for id, stock, sales in stocks:
        if stock < 0 or stock + sold.get(id, 0) != STOCK or sales != sold.get(id, 0):
            yield f"goods {id}: stock {stock}, sales {sales}, sold {sold.get(id, 0)}"
    for buyer in buyers:
        yield from buyer.cart_differences(kills)
    different = processes.verify()
    if different:
        yield f"search: {different}"


def check_mails(processes, orders, kills):
    """The differences between the orders and their mails, as sentences, after the last mail was sent."""
    mails = processes.mails()
    identifiers = collections.defaultdict(set)
    for mail in mails:
        for number in re.findall(r"\d{25}", mail["subject"]):
            identifiers[number].add(mail["id"])
    for order in orders:
        if len(identifiers[order]) != 1:
            yield f"order {order}: mails with {len(identifiers[order])} identifiers"
    copies = len(mails) - len({mail["id"] for mail in mails})
    if copies > kills:
        yield f"{copies} copies of mails after {kills} kills"
    print(f"{len(mails)} mails, {copies} copies")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=80)
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    books = [book(number, STOCK) for number in range(1, CART_GOODS.stop)]
    with running_shop(options.bin, books) as processes:
        for name in "mail", "app", "worker":
            processes.start(name)
        buyers = [Buyer(number, processes, options.seed) for number in range(1, options.buyers + 1)]
        kills = kill_while_used(processes, buyers, ["app", "worker", "redis", "search"], options.rounds, chance)
        differences = list(check(processes, buyers, kills))
        processes.wait_for_jobs(600)
        orders = [order for buyer in buyers for order in buyer.orders.values()]
        differences += check_mails(processes, orders, options.rounds)
    refused = sum(buyer.refused for buyer in buyers)
    print(f"{options.rounds} kills, {sum(buyer.count() for buyer in buyers)} orders, {refused} refused: {len(differences)} differences")
    for difference in differences[:20]:
        print(difference)
    sys.exit(1 if differences else 0)


main()
