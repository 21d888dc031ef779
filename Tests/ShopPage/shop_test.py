#!/usr/bin/env python3
"""Tests the storefront in headless Chromium, against the real shop, search, Redis and a real mail server.

usage: shop_test.py BIN [--screenshots FOLDER]

BIN is the folder of the programs quire and quire-shop. The shop is brought up by ./shop-demo, in a folder of its own.
With --screenshots the pictures of the README are taken as well. Needs what Tests/Page/page_test.py needs, and Debian's
redis-server and python3-aiosmtpd.
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
import unicodedata
import unittest
import urllib.parse

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Page"))
from page_test import Axe, browser  # noqa: E402

arguments = None
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

    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="shop-")
        port = free_ports()
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "SHOP_BIN": arguments.bin, "SHOP_DATA": self.data, "SHOP_LOG_JSON": "true", "SHOP_LOG_REQUESTS": "true",
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
            [os.path.join(arguments.bin, "quire-shop"), *command], env=os.environ | {"SHOP_DATA": self.data},
            input=input, text=True, check=True, stdout=subprocess.PIPE).stdout

    def edit(self, **change):
        """Changes goods as staff would; returns when the change is committed."""
        self.run("goods", "edit", input=json.dumps(change))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        shutil.rmtree(self.data, ignore_errors=True)


class ShopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo()
        cls.addClassCleanup(cls.demo.stop)
        cls.driver = browser(1280, 900)
        cls.addClassCleanup(cls.driver.quit)
        cls.people, cls.secrets = 0, {PASSWORD}
        cls.addClassCleanup(cls.check_logs)
        cls.addClassCleanup(cls.check_numbers)

    @classmethod
    def check_logs(cls):
        """Looks for everything that is secret in all that the processes have logged."""
        printed = cls.demo.output
        logs = [line for line in printed.splitlines() if line.startswith("{")]
        assert any('"message":"request"' in line for line in logs), "no request was logged"
        with open(f"{cls.demo.data}/redis/redis.log", encoding="utf8") as file:
            logs += file.read().splitlines()
        secrets = set(cls.secrets)
        secrets.update(re.findall(r"#token=([\w.~-]+)", printed))
        secrets.update(re.findall(r"{'code': '(\d{6})'}", printed))
        with open(os.path.join(ROOT, "shop-demo"), encoding="utf8") as file:
            secrets.update(re.findall(r"SECRET=(\S+)", file.read()))
        for path in glob.glob(f"{cls.demo.data}/**/*", recursive=True):
            if re.search(r"\.(key|pem|secret)$|keys\.json$", path) and "public" not in path:
                with open(path, encoding="utf8") as file:
                    secrets.update(re.findall(r"[\w+/=-]{24,}", file.read()))
        assert len(secrets) > 10, secrets
        for secret in secrets:
            whole = re.compile(r"(?<![0-9A-Za-z])" + re.escape(secret) + r"(?![0-9A-Za-z])")
            assert not any(whole.search(line) for line in logs), f"{secret} is in the log"

    @classmethod
    def check_numbers(cls):
        """Counts the visitors of the run in three ways: here, and by the two of the shop."""
        def numbers(source):
            text = cls.demo.run("stats", "activity", "--from", day, "--to", day, "--by", source)
            return {name: json.loads(text)[name] for name in ("dau", "mau", "newcomers")}

        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
        with contextlib.closing(sqlite3.connect(f"{cls.demo.data}/shop.sqlite", timeout=30)) as database:
            rows = lambda: database.execute("SELECT kind, passport_id FROM event_log").fetchall()
            count = -1
            while count != len(rows()):   # the last events are written within a second
                count = len(rows())
                time.sleep(1.5)
            people = {person for _, person in rows() if person}
        expected = dict.fromkeys(("dau", "mau", "newcomers"), len(people))
        for source in "database", "bitmaps":
            assert numbers(source) == expected, (source, numbers(source), expected)

    def setUp(self):
        self.open("/")
        self.driver.delete_all_cookies()
        self.driver.execute_script("localStorage.clear()")

    def tearDown(self):
        self.secrets.update(
            c["value"] for c in self.driver.get_cookies() if c["name"] in ("session", "csrf", "refresh"))
        # A request that the shop refuses is part of some tests; nothing else may be written to the console.
        severe = [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]
        refused = re.compile(r"/api/v1/\S+ - Failed to load resource: the server responded with a status of 4\d\d")
        self.assertEqual([m for m in severe if not refused.search(m)], [], "the browser's console has errors")

    # --- Steps
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
        if arguments.screenshots:
            (driver or self.driver).save_screenshot(os.path.join(arguments.screenshots, name + ".png"))

    def person(self):
        ShopTest.people += 1
        return f"reader{ShopTest.people}", f"reader{ShopTest.people}@example.com"

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

    # --- Tests
    def test_a_book_is_found_and_bought(self):
        self.speak("en")
        name, mail = self.register()
        self.log_in(name)
        self.assertEqual(self.text("#account-link"), name)
        # Search, with a filter.
        box = self.find("#q")
        box.send_keys("python")
        box.send_keys(Keys.ENTER)
        self.at(r"/search\?q=python")
        hits = lambda: self.driver.execute_script("return [...document.querySelectorAll('.hit h2')].map(h => h.textContent)")
        self.until(lambda d: hits())
        before = len(hits())
        facet = self.find('#facets input[data-field="language"][data-value="zh-Hans"]')
        self.driver.execute_script("arguments[0].click()", facet)
        self.until(lambda d: 0 < len(hits()) < before)
        self.assertTrue(all("python" in unicodedata.normalize("NFKC", hit).lower() for hit in hits()[:3]), hits())
        self.picture("shop-search")
        title = hits()[0]
        self.find(".hit h2 a").click()
        self.at(r"/goods/\d+")
        self.assertEqual(self.text("h1"), title)
        self.picture("shop-detail")
        # Two of them go into the cart.
        self.find(".stepper button:last-of-type").click()
        self.find(".buy .primary").click()
        self.says("Added", "#toast")
        self.assertEqual(self.text("#cart-count"), "2")
        self.find("#cart-link").click()
        self.at("/cart")
        self.says(title)
        self.picture("shop-cart")
        self.find(".summary .actions a").click()
        self.at("/checkout")
        # The first order asks for an address.
        self.add_address()
        self.find("form.checkout")
        self.picture("shop-checkout")
        start = len(self.demo.output)
        self.submit()
        self.at(r"/orders/\d+\?new=1")
        self.says("To be shipped")
        self.assertIn(title, self.text())
        self.assertIn("李雷", self.text())
        self.picture("shop-order")
        number = re.search(r"/orders/(\d+)", self.driver.current_url)[1]
        letter = self.demo.wait_for(rf"--- mail to {mail}\nSubject: .*{number}[\s\S]*?/orders/{number}", start)[0]
        self.assertIn(f"{title} × 2", letter)
        self.assertTrue(self.find("#cart-count").get_property("hidden"))
        self.open("/orders")
        self.assertIn(number, self.text())
        # Cash on delivery can be canceled until it is shipped.
        self.open(f"/orders/{number}")
        self.find("main .secondary").click()
        self.says("Canceled")

    def test_a_cart_without_login_becomes_the_persons_own(self):
        name, _ = self.register()
        self.open("/search?q=三体")
        self.find(".hit .secondary").click()
        self.until(lambda d: self.text("#cart-count") == "1")
        self.open("/cart")
        total = self.text("#cart-total")
        self.find(".summary .actions a").click()
        self.at(r"/login\?next=%2Fcheckout")
        self.fill(username=name, password=PASSWORD)
        self.submit()
        self.at("/checkout")
        self.assertEqual(self.text("#cart-count"), "1")
        self.open("/cart")
        self.assertEqual(self.text("#cart-total"), total)
        # Each line can be changed and removed.
        self.find(".stepper button:last-of-type").click()
        self.until(lambda d: self.text("#cart-count") == "2")
        self.ready()
        self.find("[data-remove-line]").click()
        self.find("main .message")
        self.assertTrue(self.find("#cart-count").get_property("hidden"))

    def test_a_cart_without_login_asks_once_for_all_its_books_and_has_a_limit(self):
        name, _ = self.register()
        self.speak("en")
        fill = "localStorage.setItem('quire.cart', JSON.stringify(Object.fromEntries(Array.from({length: %d}, (_, i) => [i + 1, 1]))))"
        self.driver.execute_script(fill % 100)
        self.open("/cart")
        self.assertEqual(len(self.driver.find_elements(By.CSS_SELECTOR, ".line")), 100)
        asked = self.driver.execute_script(
            "return performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('/api/v1/goods'))")
        self.assertEqual(len(asked), 1, asked)
        self.open("/goods/101")
        self.find(".buy .primary").click()
        self.says("The cart is full", "#toast")
        # Lines that the account's cart has no room for are named, and stay.
        self.driver.execute_script(fill % 102)
        self.open("/login")
        self.fill(username=name, password=PASSWORD)
        self.submit()
        self.says("2 lines")
        self.assertEqual(len(self.driver.execute_script("return Object.keys(JSON.parse(localStorage['quire.cart']))")), 2)
        self.find("main .actions a").click()
        self.at("/")
        self.assertEqual(self.text("#cart-count"), "100")

    def test_an_order_whose_answer_is_lost_is_made_once(self):
        self.speak("en")
        name, _ = self.register()
        self.log_in(name)
        self.open("/account")
        for number in 1, 2:
            self.find("section[aria-labelledby=addresses] .secondary").click()
            self.fill(recipient_name=f"李雷{number}", recipient_addr="人民路", zip_code="200010", recipient_phone="138 0000-0000")
            self.submit(form=ADDRESS_FORM)
            self.says(f"李雷{number}", ".address-list")
        self.open("/goods/1")
        self.find(".buy .primary").click()
        self.says("Added", "#toast")
        kept = lambda: self.driver.execute_script("return sessionStorage.getItem('quire.order')")
        self.open("/checkout")
        first = kept()
        self.open("/checkout")
        self.assertEqual(kept(), first)
        ways = self.driver.find_elements(By.CSS_SELECTOR, "[name=pay_method]")
        self.assertEqual([way.get_attribute("value") for way in ways], ["1", "3"] if HAS_ALIPAY else ["1"])
        self.driver.execute_script(
            "window.realFetch = fetch; window.fetch = async (...all) => { await realFetch(...all); throw new TypeError('off') }")
        self.submit()
        self.says("cannot be reached", ".form-error")
        self.driver.execute_script("window.fetch = window.realFetch")
        # Another order with the same key: the first one is there.
        self.driver.find_elements(By.CSS_SELECTOR, "[name=address_id]")[1].click()
        self.submit()
        self.at(r"/orders\?placed=1")
        self.says("already been placed", ".notice")
        self.assertEqual(len(self.driver.find_elements(By.CSS_SELECTOR, "[data-order]")), 1)
        self.speak("zh")
        self.says("此前已提交", ".notice")
        self.assertIsNone(kept())

    def test_a_password_is_changed_and_a_failed_logout_is_said(self):
        self.speak("en")
        name, _ = self.register()
        self.log_in(name)
        self.open("/account")
        self.driver.execute_script("window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('off'))")
        self.find("#logout").click()
        self.says("cannot be reached", "#toast")
        self.find("a[href='/password']").click()
        self.at("/password")
        self.fill(old_password="not the old one", new_password="another secret 8")
        self.submit()
        self.says("The old password is wrong.")
        self.fill(old_password=PASSWORD, new_password="another secret 8")
        self.submit()
        self.find("main .notice")
        self.open("/account")
        self.at(r"/login\?next=%2Faccount")
        self.fill(username=name, password="another secret 8")
        self.submit()
        self.at("/account")

    def test_the_title_of_the_home_page_is_in_its_language(self):
        for language, title in ("en", "Quire Books"), ("zh", "Quire 书店"):
            self.speak(language)
            self.open("/")
            self.assertEqual(self.driver.title, title)

    def test_an_order_that_is_not_there_is_no_book(self):
        self.speak("en")
        name, _ = self.register()
        self.log_in(name)
        self.open("/orders/999999")
        self.says("Your account has no order with this number.")

    def test_a_mobile_number_is_given_and_removed(self):
        self.speak("en")
        name, _ = self.register(phone="138 0013-8000")
        self.log_in(name)
        for number in "13800138000", "":
            self.open("/account")
            self.assertEqual(self.find("main [name=phone]").get_attribute("value"), number)
            self.fill(phone="12345")
            self.submit()
            self.says("A mobile number has 11 digits")
            self.fill(phone="")
            self.submit()
            self.says("has been saved", "#toast")

    def ask_for_code(self, phone):
        """Has a code sent to the number of the account, and returns it."""
        self.open("/account")
        start = len(self.demo.output)
        self.find(".proof .secondary").click()
        return self.demo.wait_for(rf"text message to {phone}: code {{'code': '(\d{{6}})'}}", start)[1]

    def test_a_mobile_number_is_verified_by_a_text_message(self):
        self.speak("en")
        name, _ = self.register(phone="13900139000")
        self.log_in(name)
        code = self.ask_for_code("13900139000")
        self.fill(code="111111" if code != "111111" else "222222")
        self.submit(form=".proof form")
        self.says("wrong or no longer valid", ".proof .field-error")
        self.fill(code=code)
        self.submit(form=".proof form")
        self.says("The number is verified", ".proof")

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

    def test_a_search_a_click_and_a_view_are_counted(self):
        query = "python pandas numpy"   # nobody else's
        self.open("/search?" + urllib.parse.urlencode({"q": query}))
        hit = self.driver.find_elements(By.CSS_SELECTOR, ".hit")[1]
        number = int(hit.get_attribute("data-id"))
        hit.find_element(By.CSS_SELECTOR, "h2 a").click()
        self.at(rf"/goods/{number}")
        with contextlib.closing(sqlite3.connect(f"{self.demo.data}/shop.sqlite", timeout=30)) as database:
            rows = lambda kind: database.execute(
                "SELECT query, goods_id, position FROM event_log WHERE kind = ? AND ? IN (query, goods_id)",
                (kind, number if kind == "view" else query)).fetchall()
            self.until(lambda d: rows("view"))
            self.assertEqual(rows("search"), [(query, None, None)])
            self.assertEqual(rows("click"), [(query, number, 2)])

    @unittest.skipUnless(HAS_ALIPAY, "needs python-alipay-sdk, see ./quire-test")
    def test_an_order_is_paid_at_alipay(self):
        self.speak("en")
        name, mail = self.register(phone="13700137000")
        self.log_in(name)
        self.fill(code=self.ask_for_code("13700137000"))
        self.submit(form=".proof form")
        self.says("The number is verified", ".proof")
        self.open("/goods/2")
        self.find(".buy .primary").click()
        self.says("Added", "#toast")
        self.open("/checkout")
        self.add_address()
        self.find("[name=pay_method][value='3']").click()
        self.submit()
        self.at(r"/orders/\d+\?new=1")
        self.says("To be paid")
        self.picture("shop-pay")
        start = len(self.demo.output)
        number = self.pay()
        self.says("To be shipped")
        self.demo.wait_for(rf"--- mail to {mail}\nSubject: .*{number}.*(paid|已付款)", start)
        self.demo.wait_for(rf"text message to 13700137000: paid {{'order': '{number}'}}", start)

    def test_errors_stand_beside_their_fields_in_the_language_of_the_page(self):
        self.open("/register")
        self.speak("zh")
        self.fill(username="ab", email="no address", password="short")
        self.submit()
        errors = lambda: [e.text for e in self.driver.find_elements(By.CSS_SELECTOR, ".field-error") if e.text]
        self.assertEqual(errors(), ["至少 3 个字符。", "邮箱格式不正确。", "至少 8 个字符。"])
        focused = self.driver.switch_to.active_element
        self.assertEqual(focused.get_attribute("name"), "username")
        self.assertEqual(focused.get_attribute("aria-invalid"), "true")
        described = focused.get_attribute("aria-describedby").split()
        self.assertIn("至少 3 个字符。", [self.text("#" + node) for node in described])
        # What the server alone knows is shown at its field, too.
        self.fill(username="no blanks", email="a@example.com", password=PASSWORD)
        self.submit()
        self.until(lambda d: errors())
        self.assertIn("字母", errors()[0])
        self.speak("en")
        self.assertEqual(self.find("[name=username]").get_attribute("value"), "no blanks")
        self.open("/login")
        self.fill(username="nobody", password=PASSWORD)
        self.submit()
        self.says("The name or the password is wrong.", ".form-error")
        self.assertEqual(self.find("main form button").get_property("disabled"), False)

    def test_a_forgotten_password_is_replaced(self):
        name, mail = self.register()
        start = len(self.demo.output)
        self.open("/forgot")
        self.fill(email=mail)
        self.submit()
        self.says(mail)
        link = self.demo.wait_for(rf"--- mail to {mail}\n[\s\S]*?(http://\S+/reset#token=\S+)", start)[1]
        self.open(link[len(self.demo.address):])
        self.fill(password="another secret 7")
        self.submit()
        self.find("main .notice")
        self.open("/login")
        self.fill(username=name, password="another secret 7")
        self.submit()
        self.at("/")
        self.open("/account")
        self.find("#logout").click()
        self.at("/")
        self.open("/account")
        self.at(r"/login\?next=%2Faccount")

    def log_in_by_qq(self, nickname):
        """Follows the link to QQ, and confirms the login there."""
        self.find("main .by-qq a").click()
        field = self.find("[name=user]")
        field.clear()
        field.send_keys(nickname)
        self.find("form button").click()

    def test_a_person_comes_in_by_qq(self):
        self.speak("en")
        name, mail = self.register()
        self.open("/search?q=三体")
        self.find(".hit .secondary").click()
        self.until(lambda d: self.text("#cart-count") == "1")
        # The first time an account is bound, by its password.
        self.open("/login?next=/cart")
        self.log_in_by_qq("小明 & Söhne")
        self.at(r"/bind\?next=%2Fcart")
        self.picture("shop-bind")
        self.fill(username=name, password="not the password")
        self.submit()
        self.says("The name or the password is wrong.", ".form-error")
        self.fill(password=PASSWORD)
        self.submit()
        self.at("/cart")
        self.assertEqual(self.text("#cart-count"), "1")
        self.assertEqual(self.text("#account-link"), name)
        self.open("/account")
        self.find("#logout").click()
        self.at("/")
        # From then on QQ is enough; what was put into the cart meanwhile comes along.
        self.open("/search?q=python")
        self.find(".hit .secondary").click()
        self.until(lambda d: self.text("#cart-count") == "1")
        self.open("/login?next=/account")
        self.log_in_by_qq("小明 & Söhne")
        self.at("/account")
        self.assertEqual(self.text("#account-link"), name)
        self.assertEqual(self.text("#cart-count"), "2")
        panel = "section[aria-labelledby=qq]"
        self.says("小明 & Söhne", panel)
        self.picture("shop-qq")
        self.fill(password="not the password")
        self.submit(form=panel + " form")
        self.says("The password is wrong.", panel)
        self.fill(password=PASSWORD)
        self.submit(form=panel + " form")
        self.says("No QQ account is connected.", panel)
        # The link there binds again; a binding that is not finished leaves things as they are.
        self.log_in_by_qq("小明 & Söhne")
        self.at(r"/bind\?next=%2Faccount")
        self.assertEqual(self.find("main [name=username]").get_attribute("value"), name)
        self.speak("zh")
        self.assertEqual(self.find("main [name=username]").get_attribute("value"), name)
        self.open("/account")
        self.says("尚未绑定", panel)

    def test_a_person_registers_by_qq(self):
        self.speak("zh")
        name, mail = self.person()
        self.open("/login")
        self.log_in_by_qq("小红")
        self.at(r"/bind\?next=%2F")
        start = len(self.demo.output)
        form = "section[aria-labelledby=bind-new] form"
        for field, value in ("username", name), ("email", mail), ("password", PASSWORD):
            self.find(f"{form} [name={field}]").send_keys(value)
        self.submit(form=form)
        self.says(mail, ".notice")
        link = self.demo.wait_for(rf"--- mail to {mail}\n[\s\S]*?(http://\S+/activate#token=\S+)", start)[1]
        self.open(link[len(self.demo.address):])
        self.find("main .actions a[href='/login']").click()
        self.at("/login")
        self.log_in_by_qq("小红")
        self.at("/")
        self.assertEqual(self.text("#account-link"), name)

    def test_a_login_by_qq_that_fails_is_said(self):
        self.speak("zh")
        self.open("/api/v1/oauth/qq/callback?code=x&state=y")
        self.at(r"/login\?problem=bad_state")
        self.says("QQ 登录已失效", ".form-error")
        self.open("/login?problem=nothing")
        self.assertEqual(self.driver.find_elements(By.CSS_SELECTOR, ".form-error:not([hidden])"), [])

    def test_addresses_are_kept(self):
        name, _ = self.register()
        self.log_in(name)
        self.open("/account")
        for number in 1, 2:
            self.find("section[aria-labelledby=addresses] .secondary").click()
            self.fill(recipient_name=f"韩梅梅{number}", recipient_addr="北京路", zip_code="1000", recipient_phone="13800000000")
            self.submit(form=ADDRESS_FORM)
            self.until(lambda d: "six digits" in self.text() or "6 位" in self.text())
            self.fill(zip_code="100000", recipient_phone="12345678901")
            self.submit(form=ADDRESS_FORM)
            self.says("手机号为 11 位数字" if "手机号" in self.text() else "A mobile number has 11 digits")
            self.fill(recipient_phone="13800000000")
            self.submit(form=ADDRESS_FORM)
            self.says(f"韩梅梅{number}", ".address-list")
        names = lambda: [e.text for e in self.driver.find_elements(By.CSS_SELECTOR, ".address-list strong")]
        self.assertEqual(names(), ["韩梅梅1", "韩梅梅2"])
        second = self.driver.find_elements(By.CSS_SELECTOR, ".address-list li")[1]
        second.find_elements(By.TAG_NAME, "button")[1].click()
        self.until(lambda d: names() == ["韩梅梅2", "韩梅梅1"])
        self.picture("shop-account")

    def test_what_is_not_there_or_fails_is_said(self):
        self.speak("en")
        self.open("/goods/99999999")
        self.says("not here")
        self.open("/nothing/here")
        self.says("not here")
        told = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        self.assertEqual([m for m in told if "/nothing/here" not in m and "/api/v1/" not in m], [])
        self.open("/search?q=zzqqxx")
        self.says("Nothing found")
        # The network fails, and comes back.
        self.open("/cart")
        self.driver.execute_script("window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('off'))")
        self.speak("zh")
        self.says("购物车是空的")
        self.driver.execute_script("localStorage.setItem('quire.cart', '{\"1\": 1}')")
        self.driver.find_element(By.CSS_SELECTOR, "[data-lang=en]").click()
        self.says("cannot be reached")
        self.driver.execute_script("window.fetch = window.realFetch")
        self.find("main .message button").click()
        self.find(".line")

    def test_a_flash_sale_is_bought_from_the_countdown_to_the_order(self):
        self.speak("en")
        name, _ = self.register()
        self.log_in(name)
        moment = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        sale = self.demo.run("flash", "publish", "--goods", "3", "--price", "9.90", "--stock", "1", "--start", moment(8),
                             "--end", moment(600)).strip()
        button = f"[data-claim='{sale}']"
        place = f"li:has({button})"
        # The page of before may be kept for a second. Without an address nobody can buy.
        self.until(lambda d: self.open("/flash").find_elements(By.CSS_SELECTOR, button))
        self.add_address()
        self.until(lambda d: not d.find_elements(By.CSS_SELECTOR, "main form"))
        self.ready()
        self.says("Starts in 00:00:0", place)
        self.assertFalse(self.find(button).is_enabled())
        self.picture("shop-flash")
        self.until(lambda d: self.find(button).is_enabled())
        self.says("Ends in 00:09:", place)
        self.find(button).click()
        self.says("You have one.", place)
        self.find(f"{place} [role=status] a").click()
        self.at(r"/orders/\d+")
        self.says("9.9")
        if HAS_ALIPAY:
            self.pay()
        self.says("To be shipped")
        # Another person is late.
        self.driver.delete_all_cookies()
        name, _ = self.register()
        self.log_in(name)
        self.open("/flash")
        self.add_address()
        self.until(lambda d: self.find(button).is_enabled())
        self.find(button).click()
        self.says("All units are taken.", place)
        self.open("/flash")
        self.assertFalse(self.find(button).is_enabled())
        self.assertIn("difference 0", self.demo.run("flash", "reconcile", sale))

    def test_the_demo_refuses_bad_arguments_and_a_taken_port_at_once(self):
        taken = self.demo.address.rsplit(":")[-1]
        for words, status, said in (
            (["--help"], 0, "usage: ./shop-demo [PORT]\n"),
            (["port"], 64, "usage: ./shop-demo [PORT]"), (["0"], 64, "usage"), (["65536"], 64, "usage"), (["1", "2"], 64, "usage"),
            ([taken], 74, f"port {taken} is in use: give another, such as ./shop-demo "),
            ([str(int(taken) - 1)], 74, f"port {taken} is in use"),   # for the back office
        ):
            ended = subprocess.run(
                [os.path.join(ROOT, "shop-demo"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20,
                env=os.environ | {"SHOP_BIN": arguments.bin, "SHOP_DATA": self.demo.data})
            self.assertEqual((ended.returncode, ended.stdout[:len(said)]), (status, said), words)

    def test_a_shop_that_is_killed_is_said_and_leaves_no_redis(self):
        demo = Demo()
        self.addCleanup(demo.stop)
        with open(os.path.join(demo.data, "redis", "redis.pid"), encoding="utf8") as file:
            redis = file.read().strip()
        shop = subprocess.run(["pgrep", "-x", "-P", str(demo.process.pid), "quire-shop"], capture_output=True, check=True)
        os.kill(int(shop.stdout), signal.SIGKILL)
        self.assertEqual(demo.process.wait(timeout=60), 137)
        demo.reader.join(timeout=60)
        self.assertIn("The shop ended (137); ./shop-demo starts it again, nothing is lost", demo.output)
        self.assertNotIn("Killed", demo.output)
        self.until(lambda d: not os.path.exists(f"/proc/{redis}"))

    def test_commands_of_staff_name_what_is_missing(self):
        program = os.path.join(arguments.bin, "quire-shop")

        def ended(*words):
            done = subprocess.run([program, *words], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
            return done.returncode, done.stderr

        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "wrong")
            said = f"quire-shop: there is no shop in {place}: give its data folder with --data\n"
            for command in ("goods", "edit"), ("orders", "list"), ("keys", "rotate"), ("feed", "status"):
                self.assertEqual(ended(*command, "--data", place), (66, said))
            self.assertFalse(os.path.exists(place))
        self.assertIn("no feed.targets are configured", ended("feed", "status", "--data", self.demo.data)[1])
        # The settings of the demo hold what staff needs, and no secret.
        settings = os.path.join(self.demo.data, "demo.env")
        self.assertEqual(os.stat(settings).st_mode & 0o777, 0o600)
        with open(settings, encoding="utf8") as file:
            self.assertNotRegex(file.read(), "SECRET|PASSWORD|FEED_KEY=")
        verified = subprocess.run(
            ["bash", "-c", f"source '{settings}' && '{program}' feed verify local"], capture_output=True, text=True,
            env={"PATH": os.environ["PATH"]})
        self.assertIn("missing ", verified.stdout, verified.stderr)

    def test_prices_keep_to_one_line(self):
        self.speak("en")
        for path in "/", "/types/1":
            self.open(path)
            self.find(".card .badge")   # beside which there is little space
            broken = self.driver.execute_script(
                "return [...document.querySelectorAll('.price')]"
                ".filter(p => p.offsetHeight > 2 * parseFloat(getComputedStyle(p).fontSize)).map(p => p.textContent)")
            self.assertEqual(broken, [], path)

    def test_lists_have_pages_and_orders(self):
        self.open("/")
        self.picture("shop-home")
        self.find(".section-head a").click()
        self.at(r"/types/\d+.*")
        names = lambda: self.driver.execute_script("return [...document.querySelectorAll('.card h3')].map(h => h.textContent)")
        first = names()
        self.assertEqual(len(first), 24)
        self.find(".pager a[aria-current=page] + a").click()
        self.at(r"/types/\d+\?.*page=2.*")
        self.assertFalse(set(first) & set(names()))
        self.find(".orders a:last-child").click()
        self.at(r"/types/\d+\?sort=price.*")
        prices = self.driver.execute_script("return [...document.querySelectorAll('.card .price')].map(p => p.textContent)")
        amounts = [float(re.sub(r"[^\d.]", "", price)) for price in prices]
        self.assertEqual(amounts, sorted(amounts))

    def test_suggestions_lead_to_results(self):
        self.open("/cart")
        box = self.find("#q")
        box.send_keys("harry po")
        options = lambda: [o.text for o in self.driver.find_elements(By.CSS_SELECTOR, "#suggestions [role=option] .name")]
        self.until(lambda d: options())
        box.send_keys(Keys.ARROW_DOWN)
        chosen = options()[0]
        box.send_keys(Keys.ENTER)
        self.at(r"/search\?q=.*")
        self.until(lambda d: d.find_element(By.ID, "q").get_attribute("value") == chosen)

    def test_a_change_of_goods_is_in_search_at_once(self):
        self.speak("en")
        with open(os.path.join(ROOT, "Fixtures", "catalog", "zh-books.jsonl"), encoding="utf8") as file:
            book = json.loads(file.readlines()[99])
        code, title = book["id"], book["title"]

        def waits(query, is_found):
            """The seconds until a query finds a book alone, or nothing; above ten it is given up."""
            path = "/v1/books/search?match=all&typo=off&q=" + query
            taken = self.driver.execute_async_script(
                """
                const [path, isFound, done] = arguments;
                const started = performance.now();
                for (;;) {
                    const { hits } = await (await fetch(path, { cache: 'no-store' })).json();
                    const taken = (performance.now() - started) / 1000;
                    if ((hits.length > 0) === isFound || taken > 10) return done(taken);
                    await new Promise((resume) => setTimeout(resume, 50));
                }
                """, path, is_found)
            self.assertLess(taken, 10)
            return taken

        try:
            self.demo.edit(code=code, name="Qwertzian gardens")
            edited = waits("qwertzian", True)
            self.open("/search?q=qwertzian")
            self.find(".hit h2 a").click()
            self.at(r"/goods/\d+")
            self.says("Qwertzian gardens", "h1")
            path = self.driver.current_url[len(self.demo.address):]
            self.demo.edit(code=code, on_shelf=False)
            gone = waits("qwertzian", False)
            self.open("/search?q=qwertzian")
            self.says("Nothing found")
            self.open(path)
            self.says("not here")
            print(f"an edited title was found {edited:.2f} s after its commit, an off-shelf book was gone after {gone:.2f} s")
        finally:
            self.demo.edit(code=code, name=title, on_shelf=True)

    def test_a_picture_stands_in_the_place_of_the_drawn_cover(self):
        picture = os.path.join(ROOT, "docs", "images", "phone.png")
        with open(os.path.join(ROOT, "Fixtures", "catalog", "zh-books.jsonl"), encoding="utf8") as file:
            book = json.loads(file.readlines()[98])
        code, title = book["id"], book["title"]
        width = lambda selector: self.driver.execute_script(
            "return document.querySelector(arguments[0] + ' img.cover-image')?.naturalWidth", selector)
        address = self.demo.run("goods", "picture", code, picture).strip()
        try:
            self.assertRegex(address, r"^/images/[0-9a-f]{64}\.png$")
            query = "/v1/books/search?q=" + title
            find = """
                return fetch(arguments[0], { cache: 'no-store' }).then(reply => reply.json())
                    .then(({ hits }) => hits.find(hit => hit.document.image === arguments[1])?.id)"""
            number = self.until(lambda d: d.execute_script(find, query, address))
            self.open(f"/goods/{number}")
            self.until(lambda d: width(".detail-cover"))
            self.open(query.replace("/v1/books", ""))
            self.until(lambda d: width(f".hit[data-id='{number}']"))
        finally:
            self.demo.run("goods", "picture", code)
        # The page of before may be kept for a second.
        self.until(lambda d: self.open(f"/goods/{number}") or not width(".detail-cover"))

    def test_a_foreign_address_is_not_followed_after_the_login(self):
        name, _ = self.register()
        for address in "https://example.com/", "//example.com/", "/\\example.com", "/%09/example.com", "javascript:alert(1)":
            self.driver.delete_all_cookies()
            self.open("/login?next=" + address)
            self.fill(username=name, password=PASSWORD)
            self.submit()
            self.at("/")

    def test_a_phone_shows_all_pages_without_scrolling_sideways(self):
        phone = browser(390, 844, phone=True)
        try:
            self.open("/", phone)
            self.speak("zh", phone)
            name, _ = self.register(phone)
            self.log_in(name, phone)
            self.picture("shop-phone-home", phone)
            self.open("/search?q=三体", phone)
            self.find(".hit .secondary", phone).click()
            self.says("已加入", "#toast", phone)
            self.find(".hit h2 a", phone).click()
            self.at(r"/goods/\d+", phone)
            self.picture("shop-phone-detail", phone)
            path = phone.current_url[len(self.demo.address):]
            self.open("/checkout", phone)
            self.add_address(phone)
            self.find("form.checkout", phone)
            for page in "/", "/search?q=python", "/types/1", path, "/flash", "/cart", "/checkout", "/orders", "/account", "/login", "/bind", "/register":
                self.open(page, phone)
                if page.startswith("/search"):
                    self.find(".hit", phone)
                self.assertLessEqual(phone.execute_script("return document.documentElement.scrollWidth"), 390, page)
                small = phone.execute_script(
                    "return [...document.querySelectorAll('main button, main input:not([type=checkbox], [type=radio])')]"
                    ".filter(n => n.offsetParent && n.getBoundingClientRect().height < 24).map(n => n.outerHTML)")
                self.assertEqual(small, [], page)
                if page in ("/cart", "/checkout", "/search?q=python"):
                    self.picture("shop-phone-" + re.sub(r"\W.*", "", page[1:]), phone)
        finally:
            phone.quit()

    @unittest.skipUnless(Axe, "accessibility was NOT checked: the Python package axe-core-python is not installed")
    def test_accessibility_rules(self):
        name, _ = self.register()
        for path in "/login", "/login?problem=bad_state", "/bind", "/register", "/forgot", "/reset":
            self.check_accessibility(path)
        self.log_in(name)
        self.open("/search?q=三体")
        self.find(".hit .secondary").click()
        self.until(lambda d: self.text("#cart-count") == "1")
        self.open("/checkout")
        self.add_address()
        self.find("form.checkout")
        for path in "/", "/search?q=python", "/types/1", "/goods/1", "/flash", "/cart", "/checkout", "/account":
            self.check_accessibility(path)
        self.open("/checkout")
        self.submit()
        self.at(r"/orders/\d+\?new=1")
        order = self.driver.current_url[len(self.demo.address):]
        for path in order, "/orders", "/cart", "/goods/99999999":
            self.check_accessibility(path)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def check_accessibility(self, path):
        for scheme in "light", "dark":
            emulated = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
            self.open(path)
            self.driver.execute_script("document.getElementById('q').blur()")
            for language in "zh", "en":
                self.speak(language)
                found = [v for v in Axe().run(self.driver)["violations"] if v["impact"] in ("serious", "critical")]
                nodes = [(v["id"], node["html"]) for v in found for node in v["nodes"]]
                self.assertEqual(nodes, [], f"{path}, {scheme}, {language}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--screenshots")
    arguments, rest = parser.parse_known_args()
    arguments.bin = os.path.abspath(arguments.bin)
    if not Axe:
        print("accessibility is NOT checked: the Python package axe-core-python is not installed", file=sys.stderr)
    unittest.main(argv=[sys.argv[0]] + rest)
