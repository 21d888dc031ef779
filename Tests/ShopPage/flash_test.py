"""Tests of flash sales."""
import time

from selenium.webdriver.common.by import By

from shop_pages import HAS_ALIPAY, PageTest


class FlashTest(PageTest):
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
