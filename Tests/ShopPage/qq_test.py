"""Tests of logins by QQ."""
from selenium.webdriver.common.by import By

from shop_pages import PASSWORD, PageTest


class QQTest(PageTest):
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
