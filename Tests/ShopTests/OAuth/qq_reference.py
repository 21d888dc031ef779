#!/usr/bin/env python3
"""Logs somebody in at QQ's stand-in with social-core's QQ backend, which many sites use, and prints who that is as JSON.

usage: qq_reference.py GATEWAY CLIENT_ID SECRET NAME
"""
import json
import sys
import urllib.parse

import requests
from social_core.backends.qq import QQOAuth2
from social_core.storage import BaseStorage, NonceMixin
from social_core.strategy import BaseStrategy

GATEWAY, CLIENT_ID, SECRET, NAME = sys.argv[1:]
CALLBACK = "http://127.0.0.1:1/callback"


class Nonces(NonceMixin):
    """The states that were given out, each for one use."""
    known = set()

    @classmethod
    def use(cls, *nonce):
        cls.known.add(nonce)
        return True

    @classmethod
    def consume(cls, *nonce):
        return nonce in cls.known and not cls.known.discard(nonce)


class Storage(BaseStorage):
    nonce = Nonces


class Strategy(BaseStrategy):
    """A site of one visitor, without a database."""

    def __init__(self):
        super().__init__(storage=Storage)
        self.session, self.data = {}, {}

    def get_setting(self, name):
        return {"SOCIAL_AUTH_QQ_KEY": CLIENT_ID, "SOCIAL_AUTH_QQ_SECRET": SECRET}[name]

    def request_data(self, merge=True):
        return self.data

    def request_host(self):
        return "127.0.0.1"

    def build_absolute_uri(self, path=None):
        return CALLBACK

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def session_pop(self, name):
        return self.session.pop(name, None)

    def session_setdefault(self, name, value):
        return self.session.setdefault(name, value)

    def authenticate(self, backend, *args, **kwargs):
        return kwargs["response"]


class Backend(QQOAuth2):
    """The backend at another address."""

    def request(self, url, *args, **kwargs):
        return super().request(url.replace("https://graph.qq.com", GATEWAY), *args, **kwargs)


strategy = Strategy()
backend = Backend(strategy, CALLBACK)
page = backend.auth_url().replace("https://graph.qq.com", GATEWAY)
members = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page).query))
assert requests.get(page, timeout=10).status_code == 200
form = {"redirect_uri": members["redirect_uri"], "state": members["state"], "user": NAME}
reply = requests.post(GATEWAY + "/oauth2.0/confirm", data=form, timeout=10, allow_redirects=False)
strategy.data = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(reply.headers["Location"]).query))
backend = Backend(strategy, CALLBACK)
backend.data = strategy.data
found = backend.auth_complete()
print(json.dumps({"openid": found["openid"], "nickname": backend.get_user_details(found)["username"]}))
