"""Tests of what the search server learns of its hits: its reports on a search and what it has led to."""
import json
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request

from selenium.webdriver.common.by import By

from shop_pages import PageTest


class DemandTest(PageTest):
    def setUp(self):
        super().setUp()
        quire = os.path.join(self.demo.programs, "quire")
        command = [quire, "keys", "add", f"reader {time.time_ns()}", "--role", "tune", "--data", f"{self.demo.data}/search"]
        self.key = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def report(self, name):
        """The rows of a report of the search server."""
        with open(f"{self.demo.data}/demo.env", encoding="utf8") as file:
            target = re.search(r"local=(http\S+/v1/books)", file.read())[1]
        head = {"Authorization": f"Bearer {self.key}"}
        with urllib.request.urlopen(urllib.request.Request(f"{target}/reports/{name}?days=1", headers=head)) as reply:
            report = json.load(reply)
        return report["places" if name == "clicks" else "queries"]

    def test_a_click_and_an_order_are_reported_by_query(self):
        query = "python data analysis"   # nobody else's
        self.speak("en")
        self.open("/search?" + urllib.parse.urlencode({"q": query}))
        hit = self.driver.find_elements(By.CSS_SELECTOR, ".hit")[1]
        number = hit.get_attribute("data-id")
        hit.find_element(By.CSS_SELECTOR, "h2 a").click()
        self.at(rf"/goods/{number}")
        # The click of a browser leads to the order of the account that it logs in to later.
        name, _ = self.register()
        self.log_in(name)
        self.open(f"/goods/{number}")
        self.find(".buy .primary").click()
        self.says("Added", "#toast")
        self.open("/checkout")
        self.add_address()
        self.find("form.checkout")
        self.submit()
        self.at(r"/orders/\d+\?new=1")
        rows = lambda name: [row for row in self.report(name) if row["query"] == query]
        self.until(lambda d: any(row["orders"] for row in rows("clicks")))
        expected = {"document": number, "position": 2, "query": query, "clicks": 1, "carts": 1, "orders": 1}
        self.assertEqual(rows("clicks"), [expected])
        self.assertEqual([(row["clicks"], row["carts"], row["orders"]) for row in rows("top")], [(1, 1, 1)])
