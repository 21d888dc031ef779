"""What the proofs of the shop share: its processes in a folder of their own, and people who use it."""

import contextlib
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

ADDRESS = {"recipient_name": "李明", "recipient_addr": "上海", "zip_code": "200000", "recipient_phone": "13800138000"}


class Processes:
    """The processes of a shop by name, `search`, `mail`, `app` and `worker`, with the commands that start them."""

    def __init__(self, folder, programs, **settings):
        """`programs` is the folder of `quire` and `quire-shop`, `settings` are variables of the shop, such as
        `SHOP_PASSWORD_COST`."""
        self.folder, self.programs, self.running = folder, os.path.abspath(programs), {}
        self.environment = os.environ | {
            "SHOP_DATA": f"{folder}/shop", "SHOP_HTTP_PORT": "0", "SHOP_HTTP_LIMITS": "false", "SHOP_PASSWORD_COST": "10",
            "SHOP_REDIS_TIMEOUT_MILLISECONDS": "10000", **settings}
        self.ports = {}

    def run(self, program, *arguments):
        return subprocess.run(
            [f"{self.programs}/{program}", *arguments], env=self.environment, capture_output=True, text=True, check=True).stdout

    def create(self, books):
        """Starts a search server with an empty catalog, and fills the shop with books, which are dictionaries."""
        self.run(
            "quire", "create", "--data", f"{self.folder}/search", "--catalog", "books", "--schema", "Fixtures/shop/schema.json",
            "--profile", "Fixtures/shop/profile.json")
        key = self.run("quire", "keys", "add", "shop", "--data", f"{self.folder}/search").strip()
        self.start("search")
        self.environment.update(
            SHOP_FEED_KEY=key, SHOP_FEED_TARGETS=f"local=http://127.0.0.1:{self.ports['search']}/v1/books",
            SHOP_ORDERS_UNPAID_LIMIT="1000000", SHOP_ORDERS_PAY_METHODS="1,3")
        with open(f"{self.folder}/goods.jsonl", "w") as file:
            for book in books:
                print(json.dumps(book), file=file)
        self.run("quire-shop", "seed", f"{self.folder}/goods.jsonl")

    def start(self, name):
        if name == "mail":
            return self.start_mail()
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

    def start_mail(self):
        """Starts a mail server that takes its time; processes of the shop that start later use it."""
        process = subprocess.Popen(
            ["/usr/bin/python3", "-u", "scripts/mail-sink.py", "--json", f"{self.folder}/mails", "--delay", "0.03"],
            stdout=subprocess.PIPE, text=True)
        self.running["mail"] = process
        self.environment.update(
            SHOP_MAIL_HOST="127.0.0.1", SHOP_MAIL_SECURITY="none", SHOP_MAIL_PORT=process.stdout.readline().strip())

    def mails(self):
        """The mails that were taken."""
        with open(f"{self.folder}/mails", encoding="utf8") as file:
            return [json.loads(line) for line in file]

    def wait_for_jobs(self, seconds, queues=("accounts", "mail")):
        """Waits until no job of some queues waits or runs."""
        limit = time.monotonic() + seconds
        while True:
            with self.database() as database:
                unsent, = database.execute("SELECT COUNT(*) FROM job_outbox WHERE sent_at IS NULL").fetchone()
            rows = [line.split("\t") for line in self.run("quire-shop", "jobs", "stats").splitlines()[1:]]
            if unsent == 0 and all(row[1:4] == ["0", "0", "0"] for row in rows if row[0] in queues):
                return
            if time.monotonic() > limit:
                raise AssertionError(f"jobs wait after {seconds} s: {unsent} not sent, {rows}")
            time.sleep(0.2)

    def kill(self, name):
        """Kills a process and starts it again; `redis` is started again by the shop."""
        if name == "redis":
            with open(f"{self.folder}/shop/redis/redis.pid") as file:
                os.kill(int(file.read()), signal.SIGKILL)
            return
        self.end(name, signal.SIGKILL)
        self.start(name)

    def end(self, name, how=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(how)
        process.wait(30)

    def stop(self):
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)

    def processor(self, name="app"):
        """Seconds of processor time that a process has used."""
        with open(f"/proc/{self.running[name].pid}/stat") as stat:
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def database(self):
        """The shop's database, for reading."""
        return contextlib.closing(sqlite3.connect(f"{self.folder}/shop/shop.sqlite", timeout=30))

    def verify(self, seconds=20):
        """Waits until search equals the database; answers what is different then, or an empty text."""
        limit = time.monotonic() + seconds
        while True:
            verdict = subprocess.run(
                [f"{self.programs}/quire-shop", "feed", "verify", "local"], env=self.environment, capture_output=True, text=True)
            if verdict.returncode == 0:
                return ""
            if time.monotonic() > limit:
                return f"{verdict.stdout} {verdict.stderr}"
            time.sleep(0.2)


@contextlib.contextmanager
def running_shop(programs, books, **settings):
    """A shop with books, whose search server runs; the other processes are started by the proof."""
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        processes = Processes(folder, programs, **settings)
        try:
            processes.create(books)
            yield processes
        finally:
            processes.stop()


def book(number, stock, price=10):
    """A book of a proof; the shop gives the numbers from 1 on as ids."""
    return {"id": f"g{number}", "title": f"Book {number}", "price": price, "stock": stock, "sales": 0, "collection": "x"}


class Person:
    """A person with an access token, who repeats requests that got no answer."""

    def __init__(self, name, processes, client=None):
        """`client` is the address that a proxy would tell, for a shop that limits requests."""
        self.name, self.processes, self.client, self.token, self.address = name, processes, client, None, None

    def request(self, method, path, body=None, **headers):
        """The status and the JSON of a reply; None if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.processes.ports["app"], timeout=30)
        try:
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            if self.client:
                headers["X-Forwarded-For"] = self.client
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
        body = {"username": self.name, "password": "password1", "mode": "token"}
        self.token = self.until({200}, "POST", "/login", body)[1]["access_token"]

    def prepare(self):
        """Registers, activates the account, logs in and adds an address."""
        body = {"username": self.name, "email": f"{self.name}@example.com", "password": "password1"}
        self.until({202}, "POST", "/register", body)
        with self.processes.database() as database:
            sought = "SELECT payload FROM job_outbox WHERE payload LIKE ?"
            payloads = database.execute(sought, (f'%"{self.name}"%',)).fetchall()
        for payload, in payloads:
            self.until({200, 400}, "POST", "/activate", {"token": json.loads(payload)["token"]})
        self.login()
        self.address = self.until({201}, "POST", "/addresses", ADDRESS)[1]["id"]


class Customer(Person):
    """A person who uses the shop in a thread, as its `run` says, until `stop` is set; `count` says how many orders it made."""

    stop = threading.Event()

    def __init__(self, name, number, processes, seed):
        super().__init__(f"{name}{number}", processes)
        self.random = random.Random(seed * 100 + number)
        self.thread = threading.Thread(target=self.run, daemon=True)


def kill_while_used(processes, customers, victims, rounds, chance):
    """Kills processes in turn, by their names, while customers use the shop; answers the times of the kills of `redis`."""
    for customer in customers:
        customer.prepare()
    for customer in customers:
        customer.thread.start()
    times = []
    for number in range(rounds):
        victim = victims[number % len(victims)]
        time.sleep(chance.uniform(0.3, 1.5))
        if victim == "redis":
            times.append(time.monotonic())
        processes.kill(victim)
        print(f"round {number + 1}: {victim}, {sum(customer.count() for customer in customers)} orders", flush=True)
    time.sleep(2)
    Customer.stop.set()
    for customer in customers:
        customer.thread.join(120)
        if customer.thread.is_alive():
            sys.exit(f"{customer.name} got no answer for two minutes")
    return times
