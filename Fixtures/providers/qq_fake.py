#!/usr/bin/env python3
"""A stand-in for QQ's OAuth 2.0 (graph.qq.com), for tests and demos, from its documentation alone: nothing is shared with the shop.

usage: qq_fake.py --client-id ID --secret SECRET [--port N] [--old]

It prints its port first. /oauth2.0/authorize is a page with one button, on which people say who they are; a code is valid for ten
minutes and for one use. /oauth2.0/token, /oauth2.0/me and /user/get_user_info reply as the real ones do: in a form's body or JSONP,
with fmt=json in JSON, with --old never in JSON. The rest is for tests:
  POST /test/reply?path=P&…      what P replies from now on: the body, with status=N; endless=1 never ends, slow=1 stops in the middle,
                                 hang=1 never begins
  POST /test/reply?path=P&off=1  P replies as before
"""
import argparse
import hashlib
import html
import json
import secrets
import threading
import time
import urllib.parse

from fake_server import pairs, serve

ERRORS = {
    100001: "param client_id is wrong or lost", 100002: "param client_secret is wrong or lost", 100004: "param grant_type is wrong",
    100008: "client id is not exist", 100009: "client secret is illegal", 100010: "redirect uri is illegal",
    100016: "access token check failed", 100019: "code to access token error", 100020: "code is reused error",
}


class QQ:
    def __init__(self, options):
        self.options = options
        self.codes, self.used, self.tokens, self.replies = {}, set(), {}, {}
        self.lock = threading.Lock()

    def error(self, code, members):
        return self.reply(members, {"error": code, "error_description": ERRORS[code]})

    def reply(self, members, content):
        """An object as JSON if the request asks for it, or as a call of JavaScript."""
        text = json.dumps(content)
        if members.get("fmt") == "json" and not self.options.old:
            return 200, text, "application/json"
        return 200, f"callback( {text} );\n", "text/html"

    def authorize(self, members):
        if members.get("client_id") != self.options.client_id:
            return self.error(100008, {})
        if members.get("response_type") != "code" or not members.get("redirect_uri"):
            return self.error(100010, {})
        fields = "".join(
            f'<input type=hidden name={name} value="{html.escape(members.get(name, ""))}">' for name in ("redirect_uri", "state"))
        return 200, (
            "<!doctype html><html lang=zh><meta charset=utf-8><title>QQ</title><link rel=icon href=data:,><h1>QQ 登录（演示）</h1>"
            f"<form method=post action=/oauth2.0/confirm>{fields}<label>QQ 昵称 <input name=user value=小明 required></label> "
            "<button>授权并登录</button></form>"), "text/html"

    def confirm(self, members):
        code = secrets.token_hex(16).upper()
        with self.lock:
            self.codes[code] = (members["user"], members["redirect_uri"], time.monotonic() + 600)
        query = urllib.parse.urlencode({"code": code, "state": members["state"]})
        return 302, "", "text/html", {"Location": members["redirect_uri"] + "?" + query}

    def token(self, members):
        for name, right, wrong in [
            ("grant_type", "authorization_code", 100004), ("client_id", self.options.client_id, 100001),
            ("client_secret", self.options.secret, 100009),
        ]:
            if members.get(name) != right:
                return self.error(wrong, members)
        code = members.get("code", "")
        with self.lock:
            if code in self.used:
                return self.error(100020, members)
            user, address, end = self.codes.get(code, ("", "", 0))
            if end < time.monotonic():
                return self.error(100019, members)
            if members.get("redirect_uri") != address:
                return self.error(100010, members)
            self.used.add(code)
            token = secrets.token_hex(16).upper()
            self.tokens[token] = user
        content = {"access_token": token, "expires_in": 7776000, "refresh_token": secrets.token_hex(16).upper()}
        if members.get("fmt") == "json" and not self.options.old:
            return self.reply(members, content)
        return 200, urllib.parse.urlencode(content), "text/html"

    def openid(self, user):
        return hashlib.md5(f"{self.options.client_id} {user}".encode()).hexdigest().upper()

    def me(self, members):
        user = self.tokens.get(members.get("access_token"))
        if user is None:
            return self.error(100016, members)
        return self.reply(members, {"client_id": self.options.client_id, "openid": self.openid(user)})

    def user(self, members):
        user = self.tokens.get(members.get("access_token"))
        if user is None or members.get("openid") != self.openid(user) or members.get("oauth_consumer_key") != self.options.client_id:
            return 200, json.dumps({"ret": 100016, "msg": ERRORS[100016]}), "application/json"
        content = {"ret": 0, "msg": "", "is_lost": 0, "nickname": user, "gender": "男", "figureurl_qq_1": "http://127.0.0.1/40"}
        return 200, json.dumps(content, indent=1), "application/json"

    def fault(self, members, body):
        reply = (int(members.get("status", 200)), body, "text/html")
        if "hang" in members:
            reply = lambda file: threading.Event().wait()
        if "slow" in members or "endless" in members:
            def reply(file):
                file.write(b"HTTP/1.0 200 OK\r\n\r\n{")
                while "endless" in members:
                    file.write(b" " * 1024)
                threading.Event().wait()
        self.replies[members["path"]] = None if "off" in members else reply
        return 200, ""

    def answer(self, method, path, query, body):
        members = dict(pairs(query))
        if path == "/test/reply":
            return self.fault(members, body)
        if self.replies.get(path):
            return self.replies[path]
        routes = {
            "/oauth2.0/authorize": self.authorize, "/oauth2.0/confirm": self.confirm, "/oauth2.0/token": self.token,
            "/oauth2.0/me": self.me, "/user/get_user_info": self.user}
        if path not in routes:
            return 404, "nothing is here"
        return routes[path]({**members, **dict(pairs(body))})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--old", action="store_true")
    options = parser.parse_args()
    serve(options.port, QQ(options).answer)


if __name__ == "__main__":
    main()
