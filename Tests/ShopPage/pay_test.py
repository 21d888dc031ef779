"""Tests of orders that are paid at Alipay, and of the text messages about them."""
import unittest

from shop_pages import HAS_ALIPAY, PageTest


class PayTest(PageTest):
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
