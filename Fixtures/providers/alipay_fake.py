#!/usr/bin/env python3
"""A stand-in for Alipay's gateway, for tests and demos, on python-alipay-sdk: its signatures are not the shop's.

usage: alipay_fake.py --keys FOLDER --app-id ID --seller-id ID [--port N]

It prints its port first, after it has made the keys of both sides in the folder, unless they are there: `app-private.pem` and
`alipay-public.pem` are for the shop. /gateway.do takes page.pay, query, close and refund as the real one does. The rest is for
buyers and tests:
  /buyer/pay?out_trade_no=N         pays: sends the notice to the shop, and leads back to it
  /test/pay?out_trade_no=N          pays, and sends no notice
  /test/notice?out_trade_no=N&…     the body of a notice, with any member changed before it is signed
  /test/trade?out_trade_no=N        the trade as JSON, with the amount that went back and the closings
"""
import argparse
import json
import os
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from alipay import AliPay
from fake_server import pairs, serve

COMMON = {"format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}


def make_keys(folder):
    os.makedirs(folder, exist_ok=True)
    for name in ("app", "alipay"):
        private, public = (os.path.join(folder, f"{name}-{kind}.pem") for kind in ("private", "public"))
        if not os.path.exists(public):
            run = dict(check=True, stderr=subprocess.DEVNULL)
            subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", private], **run)
            subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], **run)


class Gateway:
    def __init__(self, options):
        self.options = options
        self.trades = {}
        self.lock = threading.Lock()
        read = lambda name: open(os.path.join(options.keys, name), encoding="ascii").read()
        # From the gateway's side: it signs with Alipay's key, and verifies with the application's.
        self.sdk = AliPay(
            appid=options.app_id, app_private_key_string=read("alipay-private.pem"),
            alipay_public_key_string=read("app-public.pem"), sign_type="RSA2")

    def text(self, members):
        return "&".join(f"{name}={value}" for name, value in self.sdk._ordered_data(dict(members)))

    def problem(self, members):
        """The sub code of a request that is not in order; None for one that is."""
        members = dict(members)
        sign = members.pop("sign", "")
        if any(members.get(name) != value for name, value in COMMON.items()):
            return "isv.invalid-parameter"
        try:
            time.strptime(members["timestamp"], "%Y-%m-%d %H:%M:%S")
        except (KeyError, ValueError):
            return "isv.invalid-timestamp"
        if members.get("app_id") != self.options.app_id:
            return "isv.invalid-app-id"
        return None if self.sdk._verify(self.text(members), sign) else "isv.invalid-signature"

    def signed_reply(self, method, reply):
        # Blanks, braces in strings and escapes: only the bytes as they stand here are signed.
        reply = {"msg": "Success }{\\\"", "buyer_logon_id": "买***{\"@", **reply}
        raw = json.dumps(reply, ensure_ascii=False).replace("买", "\\u4e70").replace("@", "\\/")
        name = method.replace(".", "_") + "_response"
        return '{ "%s" : %s,"sign":"%s"}' % (name, raw, self.sdk._sign(raw))

    def call(self, members):
        """A request of the shop's server."""
        problem = self.problem(members)
        if problem:
            return json.dumps({"error_response": {"code": "40002", "msg": "Invalid Arguments", "sub_code": problem}})
        content = json.loads(members["biz_content"])
        method, number = members["method"], content["out_trade_no"]
        with self.lock:
            trade = self.trades.get(number)
            if trade is None:
                reply = {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}
            elif method == "alipay.trade.query":
                reply = {
                    "code": "10000", "out_trade_no": number, "trade_no": trade["trade_no"],
                    "trade_status": trade["trade_status"], "total_amount": trade["total_amount"]}
            elif method == "alipay.trade.close":
                trade["closings"] += 1
                if trade["trade_status"] == "WAIT_BUYER_PAY":
                    trade["trade_status"] = "TRADE_CLOSED"
                    reply = {"code": "10000", "out_trade_no": number, "trade_no": trade["trade_no"]}
                else:
                    reply = {"code": "40004", "sub_code": "ACQ.TRADE_STATUS_ERROR"}
            elif method == "alipay.trade.refund":
                reply = self.refund(trade, content)
            else:
                reply = {"code": "40004", "sub_code": "isv.invalid-method"}
        return self.signed_reply(method, reply)

    def refund(self, trade, content):
        total, amount = float(trade["total_amount"]), float(content["refund_amount"])
        done = trade["refunds"].get(content["out_request_no"])
        if done is None:
            if trade["trade_status"] != "TRADE_SUCCESS" or sum(trade["refunds"].values()) + amount > total:
                return {"code": "40004", "sub_code": "ACQ.TRADE_STATUS_ERROR"}
            trade["refunds"][content["out_request_no"]] = amount
            if sum(trade["refunds"].values()) == total:
                trade["trade_status"] = "TRADE_CLOSED"
        return {
            "code": "10000", "out_trade_no": content["out_trade_no"], "trade_no": trade["trade_no"],
            "fund_change": "N" if done else "Y", "refund_fee": f"{sum(trade['refunds'].values()):.2f}"}

    def open_page(self, members):
        """The page of a payment: the trade begins when the buyer opens it."""
        problem = self.problem(members)
        if problem:
            return None, problem
        content = json.loads(members["biz_content"])
        if content.get("product_code") != "FAST_INSTANT_TRADE_PAY" or not content.get("subject"):
            return None, "isv.invalid-parameter"
        with self.lock:
            trade = self.trades.setdefault(content["out_trade_no"], {
                "trade_no": f"{time.strftime('%Y%m%d')}22{len(self.trades):016d}", "trade_status": "WAIT_BUYER_PAY",
                "total_amount": content["total_amount"], "subject": content["subject"], "refunds": {}, "closings": 0,
                "expire": content.get("time_expire"), "notify_url": members.get("notify_url"),
                "return_url": members.get("return_url")})
        return trade, None

    def notice(self, number, changes):
        trade = self.trades[number]
        members = {
            "notify_id": f"n{trade['trade_no']}", "notify_type": "trade_status_sync", "notify_time": "2027-01-15 16:00:00",
            "charset": "utf-8", "version": "1.0", "app_id": self.options.app_id, "seller_id": self.options.seller_id,
            "out_trade_no": number, "trade_no": trade["trade_no"], "trade_status": "TRADE_SUCCESS",
            "total_amount": trade["total_amount"], "subject": trade["subject"], "buyer_logon_id": "m*** +&=%@x.com",
            **changes}
        sign = self.sdk._sign(self.text({name: value for name, value in members.items() if name != "sign_type"}))
        return urllib.parse.urlencode({**members, "sign_type": members.get("sign_type", "RSA2"), "sign": sign})

    def pay(self, number):
        with self.lock:
            trade = self.trades[number]
            if trade["trade_status"] == "WAIT_BUYER_PAY":
                trade["trade_status"] = "TRADE_SUCCESS"
        return trade

    def send_notice(self, trade, body):
        """Sends a notice until the shop says that it has it, as the real one does, only sooner."""
        for pause in (0, 1, 2, 4, 8):
            time.sleep(pause)
            try:
                with urllib.request.urlopen(trade["notify_url"], body.encode(), timeout=10) as reply:
                    if reply.read() == b"success":
                        return
            except OSError:
                pass

    def answer(self, method, path, query, body):
        members = dict(pairs(query) + pairs(body))
        number = members.get("out_trade_no")
        if path == "/gateway.do" and members.get("method") == "alipay.trade.page.pay":
            trade, problem = self.open_page(members)
            if problem:
                return 400, problem
            number = json.loads(members["biz_content"])["out_trade_no"]
            return 200, (
                f"<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>支付</title><h1>{trade['subject']}</h1>"
                f"<p>¥ {trade['total_amount']}</p><form method=post action=/buyer/pay>"
                f"<input type=hidden name=out_trade_no value={number}><button>支付</button></form>"), "text/html"
        if path == "/gateway.do":
            return 200, self.call(members), "application/json"
        if number not in self.trades:
            return 404, "no such trade"
        if path == "/buyer/pay":
            trade = self.pay(number)
            notice = self.notice(number, {})
            threading.Thread(target=self.send_notice, args=(trade, notice), daemon=True).start()
            return 303, "", "text/plain", {"Location": trade["return_url"]}
        if path == "/test/pay":
            return 200, json.dumps(self.pay(number))
        if path == "/test/notice":
            return 200, self.notice(number, members)
        if path == "/test/trade":
            return 200, json.dumps(self.trades[number])
        return 404, "nothing is here"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", required=True)
    parser.add_argument("--app-id", required=True)
    parser.add_argument("--seller-id", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    make_keys(options.keys)
    serve(options.port, Gateway(options).answer)


if __name__ == "__main__":
    main()
