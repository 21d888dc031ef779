"""What the tests of the storefront share: ./shop-demo with the real shop, search, Redis and mail server, a headless Chromium,
and the steps of people in it.
"""
import argparse
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Page"))
from page_test import Axe, browser  # noqa: E402

PASSWORD = "correct horse 9"
HAS_ALIPAY = os.path.isdir(os.path.join(ROOT, ".build", "providers", "alipay"))
ADDRESS_FORM = "section[aria-labelledby=addresses] form"   # on the page of the account


def free_ports():
    """Two neighboring ports that are free: the shop's, and its back office's."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            with socket.socket() as two:
                try:
                    two.bind(("127.0.0.1", port + 1))
                    return port
                except OSError:
                    continue


class Demo:
    """A running ./shop-demo, and what it has printed."""

    def __init__(self, programs):
        self.programs, self.data = programs, tempfile.mkdtemp(prefix="shop-")
        port = free_ports()
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "SHOP_BIN": programs, "SHOP_DATA": self.data, "SHOP_LOG_JSON": "true", "SHOP_LOG_REQUESTS": "true",
            # Everybody in this run comes from one address, which would be one person with many accounts.
            "SHOP_HTTP_LIMITS": "false"}
        self.process = subprocess.Popen(
            [os.path.join(ROOT, "shop-demo"), str(port)], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.output, self.changed = "", threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_for(r"The bookshop is at")

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.output += line
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, pattern, start=0):
        """The first match of a pattern in what was printed since a position."""
        with self.changed:
            found = lambda: re.search(pattern, self.output[start:]) or not self.reader.is_alive()
            if not self.changed.wait_for(found, timeout=120) or found() is True:
                raise AssertionError(f"{pattern} was not printed:\n{self.output}")
            return found()

    def run(self, *command, input=""):
        """Runs a command of staff, and returns what it prints."""
        return subprocess.run(
            [os.path.join(self.programs, "quire-shop"), *command], env=os.environ | {"SHOP_DATA": self.data},
            input=input, text=True, check=True, stdout=subprocess.PIPE).stdout

    def edit(self, **change):
        """Changes goods as staff would; returns when the change is committed."""
        self.run("goods", "edit", input=json.dumps(change))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.reader.join(timeout=30)
        self.process.stdout.close()
        shutil.rmtree(self.data, ignore_errors=True)


class PageTest(unittest.TestCase):
    """A test in the browser. All of them share one demo, one browser, and what must be in no log."""

    # The folder of the programs, and that of the pictures of the README if they are to be taken.
    programs = screenshots = None
    demo = driver = None
    people, secrets = 0, {PASSWORD}

    def setUp(self):
        self.open("/")
        self.driver.delete_all_cookies()
        self.driver.execute_script("localStorage.clear()")

    def tearDown(self):
        self.secrets.update(
            c["value"] for c in self.driver.get_cookies() if c["name"] in ("session", "csrf", "refresh"))
        # A request that the shop refuses, or goods that are not there, are part of some tests; nothing else may be written to
        # the console.
        severe = [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]
        refused = re.compile(r"/(api/v1|goods)/\S+ - Failed to load resource: the server responded with a status of 4\d\d")
        self.assertEqual([m for m in severe if not refused.search(m)], [], "the browser's console has errors")

    def open(self, path, driver=None):
        driver = driver or self.driver
        driver.get(self.demo.address + path)
        self.ready(driver)
        return driver

    def ready(self, driver=None):
        self.until(lambda d: d.execute_script(
            "return document.body.classList.contains('ready') && document.getElementById('main').ariaBusy === 'false'"
            " && !document.querySelector('[aria-busy=true]')"
            " && document.getAnimations().every(a => a.effect.getComputedTiming().endTime === Infinity)"), driver)

    def until(self, condition, driver=None):
        redrawn = [NoSuchElementException, StaleElementReferenceException]
        return WebDriverWait(driver or self.driver, 20, poll_frequency=0.05, ignored_exceptions=redrawn).until(condition)

    def find(self, selector, driver=None):
        return self.until(lambda d: d.find_element(By.CSS_SELECTOR, selector), driver)

    def text(self, selector="main", driver=None):
        return (driver or self.driver).find_element(By.CSS_SELECTOR, selector).text

    def says(self, text, selector="main", driver=None):
        self.until(lambda d: text in d.find_element(By.CSS_SELECTOR, selector).text, driver)

    def fill(self, driver=None, **values):
        for name, value in values.items():
            if "password" in name:
                self.secrets.add(value)
            field = self.find(f"main [name={name}]", driver)
            field.clear()
            field.send_keys(value)

    def submit(self, driver=None, form="main form"):
        self.find(form + " button[type=submit]", driver).click()

    def at(self, path, driver=None):
        self.until(lambda d: re.fullmatch(path, d.current_url[len(self.demo.address):]), driver)
        self.ready(driver)

    def speak(self, language, driver=None):
        driver = driver or self.driver
        button = driver.find_element(By.CSS_SELECTOR, f"[data-lang={language}]")
        if button.is_displayed():   # a phone shows only the language to change to
            button.click()
        self.until(lambda d: d.execute_script("return document.documentElement.lang").startswith(language), driver)
        self.ready(driver)

    def picture(self, name, driver=None):
        if self.screenshots:
            (driver or self.driver).save_screenshot(os.path.join(self.screenshots, name + ".png"))

    def person(self):
        PageTest.people += 1
        return f"reader{PageTest.people}", f"reader{PageTest.people}@example.com"

    def register(self, driver=None, phone=""):
        """Registers a person, who becomes active with the link of the mail."""
        name, mail = self.person()
        self.open("/register", driver)
        start = len(self.demo.output)
        self.fill(driver, username=name, email=mail, phone=phone, password=PASSWORD)
        self.submit(driver)
        self.says(mail, driver=driver)
        link = self.demo.wait_for(rf"--- mail to {mail}\n[\s\S]*?(http://\S+/activate#token=\S+)", start)[1]
        self.open(link[len(self.demo.address):], driver)
        self.find("main .actions a[href='/login']", driver)
        self.assertNotIn("token", (driver or self.driver).current_url)
        return name, mail

    def log_in(self, name, driver=None):
        self.open("/login", driver)
        self.fill(driver, username=name, password=PASSWORD)
        self.submit(driver)
        self.at("/", driver)

    def add_address(self, driver=None):
        self.fill(driver, recipient_name="李雷", recipient_addr="上海市人民路 1 号", zip_code="200010", recipient_phone="13800000000")
        self.submit(driver)

    def pay(self):
        """Pays the order of the page at Alipay, and returns its number."""
        self.says("To be paid")
        number = re.search(r"/orders/(\d+)", self.driver.current_url)[1]
        self.find("main .primary").click()
        self.until(lambda d: "/gateway.do" in d.current_url)
        self.assertIn(number, self.text("h1"))
        self.picture("shop-alipay")
        self.find("button").click()
        self.at(rf"/orders/{number}")
        return number


def check_logs():
    """Looks for everything that is secret in all that the processes have logged."""
    printed = PageTest.demo.output
    logs = [line for line in printed.splitlines() if line.startswith("{")]
    assert any('"message":"request"' in line for line in logs), "no request was logged"
    with open(f"{PageTest.demo.data}/redis/redis.log", encoding="utf8") as file:
        logs += file.read().splitlines()
    secrets = set(PageTest.secrets)
    secrets.update(re.findall(r"#token=([\w.~-]+)", printed))
    secrets.update(re.findall(r"{'code': '(\d{6})'}", printed))
    with open(os.path.join(ROOT, "shop-demo"), encoding="utf8") as file:
        secrets.update(re.findall(r"SECRET=(\S+)", file.read()))
    for path in glob.glob(f"{PageTest.demo.data}/**/*", recursive=True):
        if re.search(r"\.(key|pem|secret)$|keys\.json$", path) and "public" not in path:
            with open(path, encoding="utf8") as file:
                secrets.update(re.findall(r"[\w+/=-]{24,}", file.read()))
    assert len(secrets) > 10, secrets
    for secret in secrets:
        whole = re.compile(r"(?<![0-9A-Za-z])" + re.escape(secret) + r"(?![0-9A-Za-z])")
        assert not any(whole.search(line) for line in logs), f"{secret} is in the log"


def check_numbers():
    """Counts the visitors of the run in three ways: here, and by the two of the shop."""
    def numbers(source):
        text = PageTest.demo.run("stats", "activity", "--from", day, "--to", day, "--by", source)
        return {name: json.loads(text)[name] for name in ("dau", "mau", "newcomers")}

    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
    with contextlib.closing(sqlite3.connect(f"{PageTest.demo.data}/shop.sqlite", timeout=30)) as database:
        rows = lambda: database.execute("SELECT kind, passport_id FROM event_log").fetchall()
        count = -1
        while count != len(rows()):   # the last events are written within a second
            count = len(rows())
            time.sleep(1.5)
        people = {person for _, person in rows() if person}
    expected = dict.fromkeys(("dau", "mau", "newcomers"), len(people))
    for source in "database", "bitmaps":
        assert numbers(source) == expected, (source, numbers(source), expected)


def run():
    """Runs the tests of the program that has called it, and ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--screenshots")
    options, rest = parser.parse_known_args()
    PageTest.programs, PageTest.screenshots = os.path.abspath(options.bin), options.screenshots
    if not Axe:
        print("accessibility is NOT checked: the Python package axe-core-python is not installed", file=sys.stderr)
    with contextlib.ExitStack() as ends:
        PageTest.demo = Demo(PageTest.programs)
        ends.callback(PageTest.demo.stop)
        PageTest.driver = browser(1280, 900)
        ends.callback(PageTest.driver.quit)
        ends.callback(check_logs)
        ends.callback(check_numbers)
        tests = unittest.main(argv=[sys.argv[0]] + rest, exit=False)
    sys.exit(not tests.result.wasSuccessful())
