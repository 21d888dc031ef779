#!/usr/bin/env python3
"""Tests the page of tuning in headless Chromium, against the real server and the bundled catalogue.

usage: tune_test.py QUIRE [--screenshots FOLDER]

QUIRE is the program. With --screenshots pictures of the page are taken. Needs what page_test.py needs.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

import page_test
from page_test import Axe, BrowserTest, address_of, browser, index, stop

PIN = '[\n  {"id": "first", "query": {"is": "python"},\n   "pin": [{"id": "%s", "position": 1}], "hide": ["%s"]}\n]'


class TuneTest(BrowserTest):
    @classmethod
    def serve(cls):
        data = tempfile.mkdtemp(prefix="quire-tune-")
        cls.addClassCleanup(shutil.rmtree, data)
        index(data)
        quire = page_test.arguments.quire
        made = subprocess.run([quire, "keys", "add", "editor", "--data", data], check=True, capture_output=True, text=True)
        cls.key = made.stdout.split()[-1]
        server = subprocess.Popen([quire, "serve", "--data", data, "--port", "0"], stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(stop, server)
        return address_of(server)

    def setUp(self):
        self.desktop.get("about:blank")
        for part in "synonyms", "rules":
            self.put(part, "[]")

    def tearDown(self):
        # Replies of these statuses are what the tests are about; Chromium's console lists them.
        severe = [e["message"] for e in self.desktop.get_log("browser") if e["level"] == "SEVERE"]
        self.assertEqual([m for m in severe if "the server responded with a status of 4" not in m], [])

    # --- The API
    def send(self, method, path, body=None, **headers):
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.address + path, body and body.encode(), headers, method=method)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def put(self, part, body):
        return self.send("PUT", f"/v1/books/{part}", body, **{"If-Match": "*"})["revision"]

    def found(self, query):
        return [hit["id"] for hit in self.answer(f"/v1/books/search?q={query}&per_page=10")["hits"]]

    # --- The page
    def start(self, path="/tune?q=python", driver=None):
        d = driver or self.desktop
        d.get(self.address + path)
        d.execute_script("sessionStorage.clear(); localStorage.setItem('quire.lang', 'en')")
        d = self.open(path, d)
        self.sign_in(self.key, d)
        self.until(lambda d: d.find_element(By.ID, "work").is_displayed() and self.is_idle(d), d)
        return d

    def sign_in(self, key, d):
        d.find_element(By.ID, "key").send_keys(key)
        d.find_element(By.CSS_SELECTOR, "#sign-in button").click()

    def is_idle(self, d):
        return d.find_element(By.ID, "main").get_attribute("aria-busy") == "false"

    def press(self, selector, driver=None):
        d = driver or self.desktop
        d.execute_script("arguments[0].click()", d.find_element(By.CSS_SELECTOR, selector))
        self.until(self.is_idle, d)

    def edit(self, part, text, driver=None):
        d = driver or self.desktop
        self.press(f"[data-part={part}]", d)
        d.execute_script(
            "const [box, text] = arguments; box.value = text; box.dispatchEvent(new Event('input'))",
            d.find_element(By.ID, "source"), text)

    def side(self, name, driver=None):
        script = "return [...document.querySelectorAll(`[data-side=${arguments[0]}] li`)].map(hit => hit.dataset.id)"
        return (driver or self.desktop).execute_script(script, name)

    def text(self, id, driver=None):
        return (driver or self.desktop).find_element(By.ID, id).text

    # --- Tests
    def test_a_key_is_needed(self):
        d = self.open("/tune")
        d.execute_script("sessionStorage.clear(); localStorage.setItem('quire.lang', 'en')")
        d = self.open("/tune")
        self.sign_in("wrong", d)
        self.until(lambda d: d.find_element(By.ID, "failure").is_displayed())
        self.assertEqual(self.text("failure"), "The server does not know this key.")
        self.assertFalse(d.find_element(By.ID, "work").is_displayed())
        self.sign_in(self.key, d)
        self.until(lambda d: d.find_element(By.ID, "work").is_displayed())
        self.assertFalse(d.find_element(By.ID, "failure").is_displayed())
        d.refresh()
        self.until(lambda d: d.find_element(By.ID, "work").is_displayed())
        self.assertEqual(d.execute_script("return [localStorage, document.cookie].map(JSON.stringify).join().includes(arguments[0])", self.key), False)
        self.press("#sign-out")
        self.assertEqual(d.execute_script("return sessionStorage.length"), 0)
        self.assertFalse(d.find_element(By.ID, "work").is_displayed())

    def test_a_rule_is_edited_previewed_and_applied(self):
        before = self.found("python")
        wanted = [before[4], *before[:4], *before[5:]]
        wanted.remove(before[1])
        d = self.start()
        self.assertEqual([self.side("before"), self.side("after")], [before, before])
        self.edit("rules", PIN % (before[4], before[1]))
        self.press("#preview")
        self.assertEqual(self.side("before"), before)
        after = self.side("after")
        self.assertEqual(after[:9], wanted)
        self.assertEqual(self.found("python"), before)
        marks = {hit.get_attribute("data-id"): hit.text for hit in d.find_elements(By.CSS_SELECTOR, "[data-side=after] li")}
        self.assertIn("up 4", marks[before[4]])
        self.assertIn("A rule pins it to this place.", marks[before[4]])
        self.assertIn("down 1", marks[before[0]])
        self.assertIn("matches 'python' in the title", marks[before[0]])
        self.assertIn("new", marks[after[9]])
        gone = d.find_element(By.CSS_SELECTOR, f'[data-side=before] [data-id="{before[1]}"]').text
        self.assertIn("gone", gone)
        self.assertIn("1 new, 1 gone", self.text("summary"))
        d.execute_script("scrollTo(0, 0)")
        self.picture("tune")
        self.press("#apply")
        self.until(lambda d: "In force as revision" in self.text("source-done"))
        self.assertEqual(self.found("python"), after)
        self.assertEqual(self.send("GET", "/v1/books/tuning/revisions")["revisions"][0]["who"], "editor")
        self.assertFalse(d.find_element(By.ID, "apply").is_enabled())
        self.until(lambda d: self.side("after") == after and self.side("before") == before)

    def test_a_wrong_edit_is_refused_at_its_line(self):
        wrong = [
            ("rules", '[\n  {"id": "a", "query": {"is": "x"}, "hide": ["1"]},\n  {"id": "b", "query": {"is": "y"},\n'
                      '   "filter": "nosuchfield:=1"}\n]', 4, "nosuchfield"),
            ("rules", "[\n  {\n  ]", 3, "column"),
            ("synonyms", '[\n  {"words": ["ai", "machine learning"]},\n  {"words": ["one"]}\n]', 3, ""),
            ("profile", '{\n  "weights": {\n    "title": 4,\n    "subject": 2\n  }\n}', 4, "subject"),
        ]
        before = self.send("GET", "/v1/books/tuning/revisions")["revisions"][0]["revision"]
        d = self.start()
        for part, text, line, detail in wrong:
            for button in "#preview", "#apply":
                self.edit(part, text)
                self.press(button)
                self.until(lambda d: d.find_element(By.ID, "source-problem").is_displayed())
                said = self.text("source-problem")
                self.assertTrue(said.startswith(f"Line {line}:"), (part, button, said))
                self.assertIn(detail, said)
                self.assertEqual(d.find_element(By.CSS_SELECTOR, "#lines .wrong").text, str(line))
                self.assertEqual(d.find_element(By.ID, "source").get_attribute("aria-invalid"), "true")
            if part == "rules" and line == 4:
                self.picture("tune-refused")
            self.press("#discard")
            self.assertFalse(d.find_element(By.ID, "source-problem").is_displayed())
        self.assertEqual(self.send("GET", "/v1/books/tuning/revisions")["revisions"][0]["revision"], before)

    def test_a_newer_change_of_somebody_else_is_not_overwritten(self):
        self.start()
        self.edit("synonyms", '[{"words": ["mine", "python"]}]')
        newer = self.put("synonyms", '[{"words": ["theirs", "python"]}]')
        self.press("#apply")
        self.until(lambda d: f"Revision {newer} by editor came first" in self.text("source-problem"))
        self.assertEqual(self.send("GET", "/v1/books/synonyms")[0]["words"][0], "theirs")
        self.press("#apply")
        self.until(lambda d: f"In force as revision {newer + 1}" in self.text("source-done"))
        self.assertEqual(self.send("GET", "/v1/books/synonyms")[0]["words"][0], "mine")

    def test_a_revision_is_compared_and_restored(self):
        before = self.found("python")
        first = self.put("rules", "[]")
        second = self.put("rules", PIN % (before[3], before[0]))
        pinned = self.found("python")
        d = self.start()
        row = f'#revisions [data-revision="{first}"]'
        self.press(row + "[data-action=compare]")
        self.assertEqual([self.side("before"), self.side("after")], [before, pinned])
        self.assertEqual(Select(d.find_element(By.ID, "before")).first_selected_option.text, f"Revision {first}: rules")
        self.press(row + "[data-action=restore]")
        self.until(lambda d: self.text("restored") == f"Revision {first} is in force again, as revision {second + 1}.")
        self.assertEqual(self.found("python"), before)
        self.assertIn(f"Revision {second + 1}: restored {first} (newest)", self.text("revisions"))

    def test_reports_lead_to_comparisons_and_to_judged_queries(self):
        reply = self.answer("/v1/books/search?q=harry+potter")
        last = reply["hits"][4]["id"]
        self.send("POST", "/v1/books/events", json.dumps(
            {"type": "order", "query_id": reply["query_id"], "id": last, "position": 5}))
        d = self.start("/tune")
        Select(d.find_element(By.ID, "report")).select_by_value("top")

        def shows(d):   # searches are counted a second later
            self.press("#report-form button")
            return d.find_elements(By.CSS_SELECTOR, '#report-rows [data-query="harry potter"]')
        self.until(shows)
        self.press('#report-rows [data-query="harry potter"]')
        self.assertEqual(self.side("before"), self.found("harry+potter"))
        self.press("#from-clicks")
        judgments = d.find_element(By.ID, "judgments")
        self.assertEqual(judgments.get_attribute("value"), f"harry potter\t{last}\t3")
        self.edit("rules", '[{"id": "p", "query": {"is": "harry potter"}, "pin": [{"id": "%s", "position": 1}]}]' % last)
        self.press("#judged button")
        self.until(lambda d: self.text("judged-summary").startswith("nDCG@10: 0.387 before, 1.000 after. Queries: 1, better 1"))
        self.assertEqual(len(d.find_elements(By.CSS_SELECTOR, "#chart .scale i")), 2)
        d.execute_script("arguments[0].scrollIntoView()", d.find_element(By.ID, "reports-title"))
        self.picture("tune-judged")
        d.execute_script("arguments[0].value = 'a\\tb\\t1\\nno judgment'", judgments)
        self.press("#judged button")
        self.assertTrue(self.text("judged-summary").startswith("Line 2 is not"))
        self.press("#discard")

    def test_more_queries_than_a_request_takes_are_measured(self):
        d = self.start("/tune")
        lines = "\n".join(f"query {number}\tgb-1\t1" for number in range(150))
        d.execute_script("arguments[0].value = arguments[1]", d.find_element(By.ID, "judgments"), lines)
        self.press("#judged button")
        self.until(lambda d: "Queries: 150," in self.text("judged-summary"))

    def test_phone_fits(self):
        phone = browser(390, 844, phone=True)
        try:
            before = self.found("python")
            d = self.start(driver=phone)
            self.edit("rules", PIN % (before[4], before[1]), d)
            self.press("#preview", d)
            self.until(lambda d: self.side("after", d)[:1] == [before[4]], d)
            self.assertLessEqual(d.execute_script("return document.documentElement.scrollWidth"), 390)
            self.picture("tune-phone", d)
            d.execute_script("arguments[0].scrollIntoView()", d.find_element(By.ID, "edit-title"))
            self.picture("tune-phone-editor", d)
            for button in d.find_elements(By.CSS_SELECTOR, "#work .row button, #parts button"):
                self.assertGreaterEqual(button.size["height"], 44)
            self.press("#discard", d)
        finally:
            phone.quit()

    @unittest.skipUnless(Axe, "accessibility was NOT checked: the Python package axe-core-python is not installed")
    def test_accessibility_rules(self):
        for width, height, is_phone in (1280, 900, False), (390, 844, True):
            driver = browser(width, height, phone=is_phone)
            try:
                for scheme in "light", "dark":
                    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
                    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
                    self.check_accessibility(driver, (width, scheme))
            finally:
                driver.quit()

    def check_accessibility(self, d, setting):
        def check(state):
            found = [v for v in Axe().run(d)["violations"] if v["impact"] in ("serious", "critical")]
            nodes = [(v["id"], node["html"]) for v in found for node in v["nodes"]]
            self.assertEqual(nodes, [], f"{setting}, {state}")

        d.get(self.address + "/tune")
        d.execute_script("sessionStorage.clear()")
        self.open("/tune", d)
        check("signed out")
        before = self.found("python")
        self.start(driver=d)
        self.edit("rules", PIN % (before[4], before[1]), d)
        self.press("#preview", d)
        self.until(lambda d: self.side("after", d)[:1] == [before[4]], d)
        self.press("#report-form button", d)
        d.execute_script("arguments[0].value = arguments[1]", d.find_element(By.ID, "judgments"), f"python\t{before[4]}\t3")
        self.press("#judged button", d)
        self.until(lambda d: d.find_element(By.ID, "chart").is_displayed(), d)
        self.press("[data-lang=zh]", d)
        check("with results, in Chinese")
        self.edit("rules", "[\n{]", d)
        self.press("#preview", d)
        check("with a problem")
        self.press("#discard", d)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("quire")
    parser.add_argument("--screenshots")
    page_test.arguments = parser.parse_args(namespace=argparse.Namespace(address=None))
    if not Axe:
        print("accessibility is NOT checked: the Python package axe-core-python is not installed", file=sys.stderr)
    unittest.main(argv=[sys.argv[0]])
