"""Tests of accounts: names, passwords, numbers and addresses."""
from selenium.webdriver.common.by import By

from shop_pages import ADDRESS_FORM, PASSWORD, PageTest


class AccountTest(PageTest):
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

    def test_a_foreign_address_is_not_followed_after_the_login(self):
        name, _ = self.register()
        for address in "https://example.com/", "//example.com/", "/\\example.com", "/%09/example.com", "javascript:alert(1)":
            self.driver.delete_all_cookies()
            self.open("/login?next=" + address)
            self.fill(username=name, password=PASSWORD)
            self.submit()
            self.at("/")
