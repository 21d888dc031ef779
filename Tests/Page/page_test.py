#!/usr/bin/env python3
"""Tests the search page in headless Chromium, against the real server and the bundled catalogue.

usage: page_test.py QUIRE [--screenshots FOLDER]

QUIRE is the program. With --screenshots the pictures of the README are taken as well. Needs Debian's chromium, chromium-driver,
python3-selenium and fonts-noto-cjk.
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


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        data = tempfile.mkdtemp(prefix="quire-page-")
        cls.addClassCleanup(shutil.rmtree, data)
        index(data)
        command = [arguments.quire, "serve", "--data", data, "--port", "0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(stop, server)
        cls.address = address_of(server)
        cls.desktop = browser(1280, 900)
        cls.addClassCleanup(cls.desktop.quit)

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("quire")
    parser.add_argument("--screenshots")
    arguments = parser.parse_args()
    unittest.main(argv=[sys.argv[0]])
