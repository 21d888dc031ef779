#!/usr/bin/env python3
"""Tests the search page in headless Chromium, against the real server and the bundled catalogue.

usage: page_test.py QUIRE [--screenshots FOLDER]
       page_test.py --address URL [--screenshots FOLDER]

QUIRE is the program; with --address a server that serves the bundled catalogue already is tested instead. With
--screenshots the pictures of the README are taken as well. Needs Debian's chromium, chromium-driver, python3-selenium and
fonts-noto-cjk. The rules of accessibility are checked if the Python package axe-core-python is installed.
"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

try:
    from axe_core_python.selenium import Axe
except ImportError:
    Axe = None

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOG = os.path.join(ROOT, "Fixtures", "catalog")
arguments = None


def index(data):
    """Indexes the bundled catalogue."""
    files = sorted(glob.glob(f"{CATALOG}/*.jsonl"))
    options = ["--data", data, "--schema", f"{CATALOG}/schema.json", "--profile", f"{CATALOG}/profile.json"]
    subprocess.run([arguments.quire, "index"] + options + files, check=True, stdout=subprocess.DEVNULL)


def address_of(server):
    """The address a server says it serves at."""
    said = []
    for line in server.stderr:
        if line.startswith("serving "):
            return line.split()[-1].rstrip("/")
        said.append(line)
    raise RuntimeError("the server did not start: " + "".join(said))


def stop(server):
    server.terminate()
    server.wait()
    server.stderr.close()


def browser(width, height, phone=False):
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if phone:
        metrics = {"width": width, "height": height, "pixelRatio": 2.0, "mobile": True, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    else:
        options.add_argument(f"--window-size={width},{height}")
    options.binary_location = shutil.which("chromium")
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


class BrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.address = arguments.address or cls.serve()
        cls.desktop = browser(1280, 900)
        cls.addClassCleanup(cls.desktop.quit)

    @classmethod
    def serve(cls):
        data = tempfile.mkdtemp(prefix="quire-page-")
        cls.addClassCleanup(shutil.rmtree, data)
        index(data)
        command = [arguments.quire, "serve", "--data", data, "--port", "0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(stop, server)
        return address_of(server)

    def open(self, path, driver=None):
        driver = driver or self.desktop
        driver.get(self.address + path)
        self.until(lambda d: "ready" in d.find_element(By.TAG_NAME, "body").get_attribute("class"), driver)
        return driver

    def until(self, condition, driver=None):
        # An element the page replaced between two steps is looked up anew.
        redrawn = [NoSuchElementException, StaleElementReferenceException]
        wait = WebDriverWait(driver or self.desktop, 20, poll_frequency=0.05, ignored_exceptions=redrawn)
        return wait.until(condition)

    def hits(self, driver=None):
        # In one step: the page may redraw its list between two.
        script = "return [...document.querySelectorAll('article.hit')].map(h => h.dataset.id)"
        return (driver or self.desktop).execute_script(script)

    def count(self):
        return int(re.search(r"[\d,]+", self.desktop.find_element(By.ID, "count").text)[0].replace(",", ""))

    def answer(self, query):
        if "/search?q=" in query and "prefix=" not in query:
            query += "&prefix=none"   # as for a query that was submitted
        with urllib.request.urlopen(self.address + query) as reply:
            return json.load(reply)

    def call(self, module, function, *values):
        """The result of a function that a module of the page exports."""
        script = "const [file, name, ...values] = arguments; return import(file).then(module => module[name](...values))"
        return self.desktop.execute_script(script, "/assets/" + module, function, *values)

    def picture(self, name, driver=None):
        if arguments.screenshots:
            (driver or self.desktop).save_screenshot(os.path.join(arguments.screenshots, name + ".png"))

    def tearDown(self):
        severe = [e for e in self.desktop.get_log("browser") if e["level"] == "SEVERE" and "status of 400" not in e["message"]]
        self.assertEqual(severe, [], "the browser's console has errors")


class PageTest(BrowserTest):
    def test_start_shows_the_whole_catalogue(self):
        d = self.open("/")
        total = self.answer("/v1")["catalogs"][0]["documents"]
        self.assertIn(f"{total:,}", d.find_element(By.ID, "count").text)
        self.assertEqual(len(self.hits()), 20)
        self.picture("start")

    def test_typing_finds_and_marks(self):
        d = self.open("/")
        box = d.find_element(By.ID, "q")
        box.send_keys("三体")
        self.until(lambda d: self.hits()[:1] == ["zh-0111"])
        self.assertEqual(d.execute_script("return document.querySelector('article.hit mark').textContent"), "三体")
        self.assertIn("%E4%B8%89%E4%BD%93", d.current_url)
        self.picture("chinese")
        # Enter ends a run of typing, which is one step of the browser's history.
        box.send_keys(Keys.ENTER)
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys("harry potter", Keys.ENTER)
        self.until(lambda d: "gb-2" in self.hits())
        d.back()
        self.until(lambda d: self.hits()[:1] == ["zh-0111"])

    def test_facets_narrow_and_chips_widen(self):
        d = self.open("/?q=python")
        before = len(self.hits())
        facet = d.find_element(By.CSS_SELECTOR, '#facets input[data-field="language"][data-value="zh-Hant"]')
        d.execute_script("arguments[0].click()", facet)
        self.until(lambda d: 0 < len(self.hits()) < before)
        wanted = self.answer("/v1/books/search?q=python&filter=language:=zh-Hant")
        self.assertEqual(self.hits(), [h["id"] for h in wanted["hits"]])
        self.picture("values")
        d.find_element(By.CSS_SELECTOR, "#chips button, #chips a").click()
        self.until(lambda d: len(self.hits()) == before)

    def test_histograms_narrow_by_bar_and_by_hand(self):
        d = self.open("/?q=the")
        found = self.answer("/v1/books/search?q=the&facets=price(by 10)".replace(" ", "+"))
        bars = d.find_elements(By.CSS_SELECTOR, '[data-bar="price"]')
        self.assertTrue(3 < len(bars) <= 24)
        # The bars hold all that the histogram has.
        counts = [int(re.search(r": ([\d,]+) book", b.get_attribute("aria-label"))[1].replace(",", "")) for b in bars]
        self.assertEqual(sum(counts), sum(b["count"] for b in found["facets"][0]["histogram"]))
        tallest = max(range(len(bars)), key=lambda i: counts[i])
        low, high = bars[tallest].get_attribute("data-from"), bars[tallest].get_attribute("data-to")
        d.execute_script("arguments[0].click()", bars[tallest])
        self.until(lambda d: d.find_elements(By.CSS_SELECTOR, '[data-bar="price"][aria-pressed="true"]'))
        self.until(lambda d: self.count() == counts[tallest])
        wanted = self.answer(f"/v1/books/search?q=the&filter=price:{low}..%3C{high}")
        self.assertEqual(self.hits(), [h["id"] for h in wanted["hits"]])
        d.execute_script("scrollTo(0, document.querySelector('.bars').getBoundingClientRect().top - 360)")
        self.picture("facets")
        # The same bars are still there to choose from; typing another end widens it.
        self.assertEqual(len(d.find_elements(By.CSS_SELECTOR, '[data-bar="price"]')), len(bars))
        end = d.find_element(By.CSS_SELECTOR, '[data-field="price"][data-end="to"]')
        end.send_keys(Keys.CONTROL, "a")
        end.send_keys("60", Keys.ENTER)
        wanted = self.answer(f"/v1/books/search?q=the&filter=price:{low}..60")
        self.until(lambda d: self.count() == wanted["found"])
        d.execute_script("document.querySelector('#chips a').click()")
        self.until(lambda d: self.count() == found["found"])

    def test_a_range_that_has_its_end_is_no_bar(self):
        d = self.open("/?q=the")
        bar = d.find_elements(By.CSS_SELECTOR, '[data-bar="price"]')[1]
        ends = bar.get_attribute("data-from"), bar.get_attribute("data-to")
        for range_, pressed in ("{}..%3C{}", 1), ("{}..{}", 0):
            d = self.open("/?q=the&filter=price:" + range_.format(*ends))
            self.until(lambda d: d.find_elements(By.CSS_SELECTOR, '[data-bar="price"]'))
            self.assertEqual(len(d.find_elements(By.CSS_SELECTOR, '[data-bar="price"][aria-pressed="true"]')), pressed)

    def test_filters_are_read_and_written(self):
        self.open("/")
        for text, clauses in {
            "price:1e3..2.5E-2": [{"field": "price", "from": "1e3", "to": "2.5E-2", "open": False}],
            "price:-5..<10": [{"field": "price", "from": "-5", "to": "10", "open": True}],
            "year:2000..": [{"field": "year", "from": "2000", "open": False}],
            "added:2021-03..<2021-03-02T11:30:05.5Z": [
                {"field": "added", "from": "2021-03", "to": "2021-03-02T11:30:05.5Z", "open": True}],
            "added:..2021-03-01T10:00+08:00": [{"field": "added", "to": "2021-03-01T10:00+08:00", "open": False}],
            "added:2021T3.. && a:=`x y`": [{"field": "a", "value": "x y"}, {"raw": "added:2021T3.."}],
            "added:2021-03T10:00..": [{"raw": "added:2021-03T10:00.."}],
        }.items():
            read = self.call("filters.js", "parseFilter", text)
            written = self.call("filters.js", "formatFilter", read)
            by_name = lambda clause: str(sorted(clause.items()))
            self.assertEqual(sorted(({k: v for k, v in c.items() if v is not None} for c in read), key=by_name),
                             sorted(clauses, key=by_name))
            self.assertEqual(sorted(written.split(" && ")), sorted(text.split(" && ")))

    def test_bars_fit_what_the_server_joined(self):
        self.open("/")
        bars = lambda buckets, by: [(b["from"], b["to"], b["count"]) for b in self.call(
            "facets.js", "numberBars", [{"from": a, "to": b, "count": n} for a, b, n in buckets], by)]
        self.assertEqual(bars([(0, 40, 500), (40, 80, 400)], 10), [("0", "40", 500), ("40", "80", 400)])
        # Outliers are in a bar without an end.
        far = [(-1.797e308, -9007199254740980, 1), (0, 10, 500), (10, 20, 400), (20, 30, 99)]
        self.assertEqual(bars(far, 10), [("", "10", 501), ("10", "20", 400), ("20", "30", 99)])

    def test_times_are_compared_as_times(self):
        self.open("/")
        timestamp = lambda date: self.call("facets.js", "timestamp", date)
        for early, late in ("2019-12-31", "2020-01-01T00:00Z"), ("2020-01-01T00:30+02:00", "2020-01-01"), ("2020-01", "2020-01-01T00:01"):
            self.assertLess(timestamp(early), timestamp(late), (early, late))
        self.assertEqual(timestamp("2020-01-01"), timestamp("2020-01-01T00:00:00"))

    def test_every_bar_holds_what_it_finds(self):
        # Buckets of a fifth: 3.8 has no exact binary value.
        d = self.open("/?q=the")
        for number in range(len(d.find_elements(By.CSS_SELECTOR, '[data-bar="rating"]'))):
            bar = d.find_elements(By.CSS_SELECTOR, '[data-bar="rating"]')[number]
            wanted = int(re.search(r": ([\d,]+) book", bar.get_attribute("aria-label"))[1].replace(",", ""))
            if not wanted:
                continue
            d.execute_script("arguments[0].click()", bar)
            self.until(lambda d: d.find_elements(By.CSS_SELECTOR, '[data-bar="rating"][aria-pressed="true"]'))
            self.until(lambda d: self.count() == wanted)
            d.execute_script("document.querySelector('#chips a').click()")
            self.until(lambda d: not d.find_elements(By.CSS_SELECTOR, '[data-bar="rating"][aria-pressed="true"]'))

    def test_alternatives_in_the_address_keep_their_meaning(self):
        d = self.open("/?filter=" + urllib.parse.quote("author:=`Stephen King` || year:..1900"))
        before = self.count()
        facet = d.find_element(By.CSS_SELECTOR, '#facets input[data-field="language"]')
        language = facet.get_attribute("data-value")
        d.execute_script("arguments[0].click()", facet)
        wanted = self.answer("/v1/books/search?filter=" + urllib.parse.quote(
            f"(author:=`Stephen King` || year:..1900) && language:={language}"))
        self.until(lambda d: self.count() == wanted["found"] < before)
        self.assertTrue(d.find_element(By.CSS_SELECTOR, f'#facets input[data-value="{language}"]').is_selected())

    def test_orders_are_called_what_they_are(self):
        d = self.open("/")
        chosen = lambda: d.execute_script("return document.querySelector('#sort').selectedOptions[0].textContent")
        self.assertEqual(chosen(), "Sales: high to low")
        self.open("/?q=python")
        self.assertEqual(chosen(), "Relevance")
        self.open("/?q=python&sort=language,year:desc")
        self.assertEqual(chosen(), "language,year:desc")

    def test_several_values_of_a_facet_add_up(self):
        d = self.open("/?q=python")
        choices = '#facets input[data-field="language"]'
        counts = {}
        for row in d.find_elements(By.CSS_SELECTOR, "label.choice"):
            box = row.find_element(By.TAG_NAME, "input")
            if box.get_attribute("data-field") == "language":
                counts[box.get_attribute("data-value")] = int(row.find_element(By.CLASS_NAME, "number").text.replace(",", ""))
        first, second = list(counts)[:2]
        for value in (first, second):
            d.execute_script("arguments[0].click()", d.find_element(By.CSS_SELECTOR, f'{choices}[data-value="{value}"]'))
            self.until(lambda d: d.find_element(By.CSS_SELECTOR, f'{choices}[data-value="{value}"]').is_selected())
        self.until(lambda d: self.count() == counts[first] + counts[second])
        self.picture("several")
        # Those that were not chosen keep their counts.
        self.assertEqual(len(d.find_elements(By.CSS_SELECTOR, choices)), len(counts))

    def test_pages_and_orders(self):
        d = self.open("/?q=the&page=2")
        second = self.answer("/v1/books/search?q=the&page=2")
        self.assertEqual(self.hits(), [h["id"] for h in second["hits"]])
        self.open("/?q=the&sort=year:desc")
        newest = self.answer("/v1/books/search?q=the&sort=year:desc")
        self.assertEqual(self.hits(), [h["id"] for h in newest["hits"]])
        years = [h["document"].get("year", -9999) for h in newest["hits"]]
        self.assertEqual(years, sorted(years, reverse=True))
        self.assertTrue(d.find_element(By.ID, "pager").is_displayed())

    def test_markup_in_titles_stays_text(self):
        self.open("/?q=bold+quotes")
        titles = self.desktop.execute_script("return [...document.querySelectorAll('article.hit')].map(h => h.textContent)")
        self.assertTrue(any('<b>Bold</b> & "quotes"' in t for t in titles), titles)

    def test_a_line_parts_what_has_all_words_from_what_has_some(self):
        reply = self.answer("/v1/books/search?q=tolkien+hobbit+")
        strict, loose = (tier["found"] for tier in reply["tiers"])
        self.assertTrue(0 < strict < 10 and loose > 0, reply["tiers"])
        d = self.open("/?q=tolkien+hobbit+")
        self.until(lambda d: self.count() == strict)
        items = d.find_elements(By.CSS_SELECTOR, "#results > li")
        self.assertEqual([i for i, item in enumerate(items) if "tier" in item.get_attribute("class")], [strict])
        self.assertIn(str(loose), items[strict].text)
        self.picture("tiers")

    def test_nothing_found_and_bad_filter_are_told_kindly(self):
        d = self.open("/?q=zzqqxx")
        self.assertTrue(d.find_element(By.ID, "nothing").is_displayed())
        d = self.open("/?filter=nosuchfield:=1")
        self.until(lambda d: d.find_element(By.ID, "error").is_displayed())
        self.assertIn("nosuchfield", d.find_element(By.ID, "error").text)

    def test_phone_fits_and_filters_open(self):
        phone = browser(390, 844, phone=True)
        try:
            self.open("/?q=python", phone)
            self.assertLessEqual(phone.execute_script("return document.documentElement.scrollWidth"), 390)
            self.picture("phone", phone)
            phone.find_element(By.ID, "side-open").click()
            self.until(lambda d: d.find_element(By.CSS_SELECTOR, "#facets input").is_displayed(), phone)
            self.picture("phone-values", phone)
            bars = phone.find_element(By.CLASS_NAME, "bars")
            phone.execute_script("arguments[0].scrollIntoView({block: 'center'})", bars)
            self.assertLessEqual(bars.size["width"], 350)
            self.picture("phone-filters", phone)
        finally:
            phone.quit()


# Records the requests of the page. The reply to the path that contains a key of `slow` comes after `release(key)`, and
# does not heed that the page aborted it; `answers` maps parts of paths to replies, or to null for a failure.
FETCHES = """
    const fetch = window.fetch, gates = {};
    window.sent = []; window.slow = []; window.answers = {};
    window.release = key => gates[key]();
    window.fetch = async (path, options) => {
      sent.push(decodeURIComponent(path));
      const known = Object.keys(answers).find(key => sent.at(-1).includes(key));
      if (known && !answers[known]) throw new TypeError('no network');
      if (known) return Response.json({ ...await (await fetch(path)).json(), ...answers[known] });
      const key = slow.find(key => sent.at(-1).includes(key));
      if (!key) return fetch(path, options);
      await new Promise(resolve => { gates[key] = resolve; });
      return fetch(path);
    };"""
# Types text as fast as a program can: one input event for each letter.
TYPE = """
    const box = document.getElementById('q');
    for (const letter of arguments[0]) { box.value += letter; box.dispatchEvent(new InputEvent('input', { bubbles: true })); }"""
# Longer than every delay of the page.
SETTLE = "setTimeout(arguments[0], 600)"


class KeyTest(unittest.TestCase):
    """A server whose searches need a key, with a rule that names a page."""
    def test_a_key_opens_the_page_and_a_rule_names_another(self):
        data = tempfile.mkdtemp(prefix="quire-page-")
        self.addCleanup(shutil.rmtree, data)
        index(data)
        rules = os.path.join(data, "rules.json")
        with open(rules, "w") as out:
            json.dump([{"id": "help", "query": {"is": "delivery"}, "redirect": "/help/delivery"}], out)
        subprocess.run([arguments.quire, "tune", "put", "rules", rules, "--data", data], check=True, stdout=subprocess.DEVNULL)
        keys = [subprocess.run([arguments.quire, "keys", "add", role, "--role", role, "--data", data], check=True,
                               capture_output=True, text=True).stdout.strip() for role in ("search", "write")]
        command = [arguments.quire, "serve", "--data", data, "--port", "0", "--require-keys"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.addCleanup(stop, server)
        d = browser(1280, 900)
        self.addCleanup(d.quit)
        wait = WebDriverWait(d, 20, poll_frequency=0.05, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException])
        address = address_of(server)
        d.get(address + "/?q=delivery")
        for key in "quire_search_0", keys[0]:
            box = wait.until(lambda d: d.find_element(By.ID, "key"))
            box.send_keys(key, Keys.ENTER)
            # A wrong one is asked for again, the right one is not.
            wait.until(lambda d: [box] != d.find_elements(By.ID, "key") and bool(d.find_elements(By.ID, "key")) == (key != keys[0]))
        link = wait.until(lambda d: d.find_element(By.CSS_SELECTOR, "#notice a[href='/help/delivery']"))
        self.assertTrue(link.is_displayed())
        self.assertFalse(d.find_element(By.ID, "error").is_displayed())
        d.find_element(By.ID, "q").send_keys(Keys.CONTROL, "a")
        d.find_element(By.ID, "q").send_keys("harr")
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#suggestions [role=option]"))
        # The key lasts as long as the tab, and no address has it.
        d.get(address + "/?q=tolkien")
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, "article.hit"))
        self.assertNotIn("quire_", d.current_url)


class ReferenceTest(BrowserTest):
    def test_every_call_of_the_api_is_shown(self):
        d = self.open("/reference")
        with urllib.request.urlopen(self.address + "/openapi.json") as reply:
            described = {call["operationId"] for path in json.load(reply)["paths"].values() for call in path.values()}
        self.assertEqual({call.get_attribute("id") for call in d.find_elements(By.CSS_SELECTOR, ".call")}, described)
        for link in d.find_elements(By.CSS_SELECTOR, "nav a"):
            self.assertIn(link.get_attribute("href").split("#")[1], described)
        text = d.find_element(By.ID, "main").text
        self.assertNotIn("[object", text)
        self.assertNotIn("undefined", text)
        self.assertIn("at most 8192 characters", d.find_element(By.ID, "search").text)
        d.set_window_size(400, 800)
        self.addCleanup(d.set_window_size, 1280, 900)
        self.assertLessEqual(d.execute_script("return document.documentElement.scrollWidth - innerWidth"), 0)


class SuggestionTest(BrowserTest):
    def start(self, path="/", driver=None):
        d = driver or self.desktop
        self.open("/", d)
        d.execute_script("localStorage.clear()")
        self.open(path, d)
        d.execute_script(FETCHES)
        return d, d.find_element(By.ID, "q")

    def options(self, driver=None):
        """The texts of the list's options, without their kinds."""
        script = "return [...document.querySelectorAll('#suggestions [role=option]')].map(o => o.dataset.text)"
        list_ = (driver or self.desktop).find_element(By.ID, "suggestions")
        return (driver or self.desktop).execute_script(script) if list_.is_displayed() else []

    def active(self):
        return self.desktop.execute_script("""
            const node = document.getElementById(document.getElementById('q').getAttribute('aria-activedescendant'));
            return node?.getAttribute('aria-selected') === 'true' ? node.dataset.text : null""")

    def sent(self, kind):
        return [path for path in self.desktop.execute_script("return sent") if f"/{kind}?" in path]

    def suggested(self, box, text):
        box.send_keys(text)
        return self.until(lambda d: self.options())

    def settle(self):
        self.desktop.execute_async_script(SETTLE)

    def query(self):
        return urllib.parse.parse_qs(urllib.parse.urlparse(self.desktop.current_url).query).get("q", [""])[0]

    def submitted(self, text):
        """Waits until a query was searched for, with its last word finished."""
        self.until(lambda d: self.query() == text and not self.call("url.js", "readRequest")["isTyped"])
        self.assertEqual(self.desktop.find_element(By.ID, "q").get_attribute("value"), text)
        self.assertEqual(self.options(), [])
        self.assertEqual(self.desktop.execute_script("return document.activeElement.id"), "q")

    def test_typing_shows_suggestions_and_results(self):
        d, box = self.start()
        self.assertEqual(box.get_attribute("role"), "combobox")
        self.assertEqual(box.get_attribute("aria-expanded"), "false")
        self.suggested(box, "harry po")
        self.until(lambda d: self.options()[:1] == ["Harry Potter Boxset"])
        self.until(lambda d: "gb-422" in self.hits())
        self.assertTrue(self.call("url.js", "readRequest")["isTyped"])
        self.assertEqual(box.get_attribute("aria-expanded"), "true")
        self.assertEqual(box.get_attribute("aria-controls"), "suggestions")
        first = d.find_element(By.CSS_SELECTOR, "#suggestions [role=option]")
        self.assertEqual(first.text.split("\n"), ["Harry Potter Boxset", "Title"])
        self.assertEqual(first.find_element(By.TAG_NAME, "mark").text, "Harry Po")
        self.picture("suggestions")
        d.find_element(By.CSS_SELECTOR, "[data-lang=zh]").click()
        self.assertEqual(self.options(), [])
        box.send_keys("t")
        self.until(lambda d: "书名" in d.find_element(By.ID, "suggestions").text)

    def test_letters_in_one_go_are_one_request(self):
        d, box = self.start()
        d.execute_script(TYPE, "harry potter")
        self.until(lambda d: self.options() and "gb-422" in self.hits())
        self.settle()
        self.assertEqual([len(self.sent("suggest")), len(self.sent("search"))], [1, 1])

    def test_a_composition_sends_nothing_before_its_end(self):
        # An Enter that ends it comes before or, in Safari, after it, and is not for the page.
        events = {
            "begin": "new CompositionEvent('compositionstart')",
            "letter": "new InputEvent('input', { isComposing: true })",
            "key": "new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true })",
            "late key": "new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true })",
            "end": "new CompositionEvent('compositionend')",
        }
        for last in ("key", "end", "late key"), ("end", "late key"), ("key", "end"):
            d, box = self.start()
            for name, text in ("begin", "s"), ("letter", "s"), ("letter", "san'ti"), (None, "三体"):
                d.execute_script("arguments[0].value = arguments[1]", box, text)
                if name:
                    d.execute_script(f"arguments[0].dispatchEvent({events[name]})", box)
            self.settle()
            self.assertEqual(d.execute_script("return sent"), [])
            for name in last:
                d.execute_script(f"arguments[0].dispatchEvent({events[name]})", box)
                if name != "end":
                    d.execute_script("arguments[0].form.requestSubmit()", box)
            self.until(lambda d: self.options()[:1] == ["三体"])
            self.settle()
            self.assertEqual([len(self.sent("suggest")), len(self.sent("search"))], [1, 1])
            self.assertEqual(self.call("recent.js", "recentQueries"), [], "an Enter of the input method was submitted")

    def test_an_input_method_of_the_browser_sends_nothing_before_its_end(self):
        d, box = self.start()
        box.click()
        for text in "s", "sa", "san", "san'ti":
            d.execute_cdp_cmd("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        self.settle()
        self.assertEqual(box.get_attribute("value"), "san'ti")
        self.assertEqual(d.execute_script("return sent"), [])
        d.execute_cdp_cmd("Input.insertText", {"text": "三体"})
        self.until(lambda d: self.options()[:1] == ["三体"] and self.hits()[:1] == ["zh-0111"])
        self.settle()
        self.assertEqual([len(self.sent("suggest")), len(self.sent("search"))], [1, 1])

    def test_a_late_reply_never_replaces_a_newer_one(self):
        d, box = self.start()
        d.execute_script("slow.push('suggest?q=python&', 'search?q=python&')")
        box.send_keys("python")
        self.until(lambda d: any("q=python&" in p for p in self.sent("suggest")) and any("q=python&" in p for p in self.sent("search")))
        box.send_keys(Keys.CONTROL, "a")
        self.suggested(box, "三体")
        self.until(lambda d: self.options()[:1] == ["三体"] and self.hits()[:1] == ["zh-0111"])
        d.execute_script("slow.forEach(release)")
        self.settle()
        self.assertEqual([self.options()[0], self.hits()[0]], ["三体", "zh-0111"])

    def test_suggestions_that_fail_say_nothing(self):
        d, box = self.start()
        d.execute_script("answers['/suggest?'] = null")
        box.send_keys("python")
        self.until(lambda d: self.query() == "python" and self.sent("suggest"))
        self.settle()
        self.assertEqual(self.options(), [])
        self.assertFalse(d.find_element(By.ID, "error").is_displayed())

    def test_suggestions_that_come_after_enter_stay_away(self):
        d, box = self.start()
        d.execute_script("slow.push('/suggest?')")
        box.send_keys("python")
        self.until(lambda d: self.sent("suggest"))
        box.send_keys(Keys.ENTER)
        d.execute_script("slow.forEach(release)")
        self.settle()
        self.submitted("python")

    def test_enter_keeps_what_an_unfinished_word_has_found(self):
        d, box = self.start()
        box.send_keys("harry po")
        self.until(lambda d: "gb-422" in self.hits())
        typed = self.hits()
        box.send_keys(Keys.ENTER)
        self.submitted("harry po")
        self.settle()
        self.assertEqual(self.hits(), typed)
        self.assertFalse(d.find_element(By.ID, "notice").is_displayed())
        d.refresh()
        self.until(lambda d: self.hits() == typed)
        # A query that is newer than both requests stays.
        d.execute_script(FETCHES)
        d.execute_script("slow.push('q=harry po&')")
        box = d.find_element(By.ID, "q")
        box.send_keys(Keys.ENTER)
        self.until(lambda d: self.sent("search"))
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys("三体", Keys.ENTER)
        self.until(lambda d: self.hits()[:1] == ["zh-0111"])
        d.execute_script("slow.forEach(release)")
        self.settle()
        self.assertEqual(self.hits()[:1], ["zh-0111"])

    def test_keys_move_and_choose(self):
        d, box = self.start()
        names = self.suggested(box, "tolk")
        self.assertIn("J.R.R. Tolkien", names)
        self.assertIsNone(self.active())
        box.send_keys(Keys.HOME)   # moves in the text as long as no option is active
        self.assertIsNone(self.active())
        for key, name in [
            (Keys.ARROW_DOWN, names[0]), (Keys.ARROW_DOWN, names[1]), (Keys.ARROW_UP, names[0]), (Keys.ARROW_UP, None),
            (Keys.ARROW_UP, names[-1]), (Keys.ARROW_DOWN, None), (Keys.ARROW_DOWN, names[0]), (Keys.END, names[-1]),
            (Keys.HOME, names[0]), (Keys.ARROW_RIGHT, None),
        ]:
            box.send_keys(key)
            self.assertEqual(self.active(), name)
        self.assertEqual(box.get_attribute("value"), "tolk")
        box.send_keys(*[Keys.ARROW_DOWN] * (names.index("J.R.R. Tolkien") + 1), Keys.ENTER)
        self.submitted("J.R.R. Tolkien")
        wanted = self.answer("/v1/books/search?q=J.R.R.+Tolkien")
        self.until(lambda d: self.hits() == [h["id"] for h in wanted["hits"]])

    def test_escape_closes_and_then_clears(self):
        d, box = self.start("/?q=python")
        box.send_keys(" ")
        self.until(lambda d: self.options())
        box.send_keys(Keys.ESCAPE)
        self.assertEqual([self.options(), box.get_attribute("value")], [[], "python "])
        box.send_keys(Keys.ARROW_DOWN)
        self.until(lambda d: self.options())
        box.send_keys(Keys.ESCAPE, Keys.ESCAPE)
        self.assertEqual(box.get_attribute("value"), "")
        self.until(lambda d: self.query() == "")

    def test_tab_leaves_without_choosing(self):
        d, box = self.start()
        self.suggested(box, "tolk")
        box.send_keys(Keys.ARROW_DOWN, Keys.TAB)
        self.assertEqual([self.options(), box.get_attribute("value")], [[], "tolk"])
        self.assertNotEqual(d.execute_script("return document.activeElement.id"), "q")

    def test_a_click_chooses(self):
        d, box = self.start()
        name = self.suggested(box, "the hob")[0]
        d.find_element(By.CSS_SELECTOR, "#suggestions [role=option]").click()
        self.submitted(name)

    def test_suggestions_keep_to_the_filter(self):
        d, box = self.start("/?filter=language:=zh-Hans")
        self.suggested(box, "san")
        self.assertIn("filter=language:=`zh-Hans`", self.sent("suggest")[-1])

    def test_recent_queries_are_kept_and_removed(self):
        d, box = self.start()
        for number in range(1, 10):
            self.call("recent.js", "addRecentQuery", f"query {number}")
        self.call("recent.js", "addRecentQuery", "query 5")
        expected = [f"query {n}" for n in (5, 9, 8, 7, 6, 4, 3, 2)]
        d.refresh()
        self.until(lambda d: "ready" in d.find_element(By.TAG_NAME, "body").get_attribute("class"))
        d.execute_script(FETCHES)
        box = d.find_element(By.ID, "q")
        self.assertEqual(self.options(), [])
        box.click()
        # The window is left and comes back: the box has the focus again, but nobody asked for the list.
        for event in "blur", "focus":
            d.execute_script("arguments[0].dispatchEvent(new FocusEvent(arguments[1]))", box, event)
            self.assertEqual(self.options(), [])
        box.click()
        self.assertEqual(self.options(), expected + [None])
        self.picture("recent")
        d.find_elements(By.CSS_SELECTOR, "#suggestions .remove")[1].click()
        expected.remove("query 9")
        self.assertEqual(self.options(), expected + [None])
        box.send_keys(Keys.ARROW_DOWN, Keys.DELETE)
        expected.remove("query 5")
        self.assertEqual([self.options(), self.active()], [expected + [None], expected[0]])
        box.send_keys(Keys.ENTER)
        self.submitted(expected[0])
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(Keys.DELETE)
        self.until(lambda d: self.options() == expected + [None])
        box.send_keys(Keys.ARROW_UP, Keys.ENTER)
        self.assertEqual([self.options(), self.call("recent.js", "recentQueries")], [[], []])
        self.assertFalse([p for p in d.execute_script("return sent") if "query 7" in p])

    def test_recent_queries_do_without_storage(self):
        d, box = self.start()
        d.execute_script("Storage.prototype.getItem = Storage.prototype.setItem = () => { throw new Error('refused') }")
        box.send_keys("python", Keys.ENTER)
        self.submitted("python")
        self.assertEqual(self.call("recent.js", "recentQueries"), [])

    def test_a_loaded_query_is_finished(self):
        d, box = self.start()
        box.send_keys("python")
        self.until(lambda d: self.query() == "python" and self.call("url.js", "readRequest")["isTyped"])
        self.open("/?q=the")
        d.back()
        d.refresh()
        self.until(lambda d: self.query() == "python")
        self.assertFalse(self.call("url.js", "readRequest")["isTyped"])

    def test_corrections_are_told_and_can_be_refused(self):
        d, box = self.start()
        d.execute_script("answers['/search?q=pyhton&'] = { corrected_query: 'py<b>thon' }")
        box.send_keys("pyhton", Keys.ENTER)
        notice = d.find_element(By.ID, "notice")
        self.until(lambda d: notice.text == "Showing results for py<b>thon. Search instead for pyhton")
        d.execute_script("answers = {}")
        notice.find_element(By.TAG_NAME, "a").click()
        self.until(lambda d: d.find_element(By.ID, "nothing").is_displayed())
        self.assertEqual([self.hits(), self.query()], [[], "pyhton"])
        d.execute_script("answers['/search?q=pyton&'] = { did_you_mean: 'python' }")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys("pyton", Keys.ENTER)
        self.until(lambda d: notice.text.endswith("Did you mean python?"))
        self.picture("did-you-mean")
        notice.find_elements(By.TAG_NAME, "a")[-1].click()
        self.until(lambda d: self.query() == "python")
        self.assertEqual(box.get_attribute("value"), "python")

    def test_phone_list_is_as_wide_as_the_screen(self):
        phone = browser(390, 844, phone=True)
        try:
            d, box = self.start(driver=phone)
            box.send_keys("harry po")
            self.until(lambda d: self.options(d)[:1] == ["Harry Potter Boxset"] and "gb-422" in self.hits(d), d)
            self.assertLessEqual(d.execute_script("return document.documentElement.scrollWidth"), 390)
            self.assertEqual(d.find_element(By.ID, "suggestions").size["width"], 390)
            for option in d.find_elements(By.CSS_SELECTOR, "#suggestions [role=option]"):
                self.assertGreaterEqual(option.size["height"], 44)
            self.picture("phone-suggestions", d)
            name = self.options(d)[1]
            d.find_elements(By.CSS_SELECTOR, "#suggestions [role=option]")[1].click()
            self.until(lambda d: box.get_attribute("value") == name and not self.options(d), d)
        finally:
            phone.quit()

    @unittest.skipUnless(Axe, "accessibility was NOT checked: the Python package axe-core-python is not installed")
    def test_accessibility_rules(self):
        for width, height, is_phone in (1280, 900, False), (390, 844, True):
            driver = browser(width, height, phone=is_phone)
            try:
                for scheme in "light", "dark":
                    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
                    for language in "en", "zh":
                        self.check_accessibility(driver, language, (width, scheme, language))
            finally:
                driver.quit()

    def check_accessibility(self, d, language, setting):
        def check(state):
            found = [v for v in Axe().run(d)["violations"] if v["impact"] in ("serious", "critical")]
            nodes = [(v["id"], node["html"]) for v in found for node in v["nodes"]]
            self.assertEqual(nodes, [], f"{setting}, {state}")

        d, box = self.start(driver=d)
        d.find_element(By.CSS_SELECTOR, f"[data-lang={language}]").click()
        check("at rest")
        box.send_keys("harr")
        self.until(lambda d: self.options(d), d)
        box.send_keys(Keys.ARROW_DOWN)
        check("with suggestions")
        box.send_keys(Keys.ENTER)
        self.until(lambda d: not self.options(d) and self.hits(d), d)
        d.execute_script("answers['/search?q=pyton&'] = { did_you_mean: 'python' }")
        d.execute_script("document.getElementById('q').value = 'pyton'; document.getElementById('form').requestSubmit()")
        self.until(lambda d: "python" in d.find_element(By.ID, "notice").text, d)
        check("with results")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(Keys.DELETE)
        self.until(lambda d: self.options(d), d)
        box.send_keys(Keys.ARROW_DOWN)
        check("with recent queries")



if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("quire", nargs="?")
    parser.add_argument("--address")
    parser.add_argument("--screenshots")
    arguments = parser.parse_args()
    if not arguments.quire and not arguments.address:
        parser.error("name the program or an --address")
    if not Axe:
        print("accessibility is NOT checked: the Python package axe-core-python is not installed", file=sys.stderr)
    unittest.main(argv=[sys.argv[0]])
