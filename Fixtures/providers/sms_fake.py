#!/usr/bin/env python3
"""A stand-in for Aliyun's service of text messages, for tests and demos: it sends nothing, and checks as much as the real one.

usage: sms_fake.py --key-id ID --key-secret SECRET --sign-name NAME [--port N] [--json FILE] [--show]
                   [--now SECONDS] [--code CODE [--times N]]

It prints its port first. The signature is computed from the specification alone (RPC style, HMAC-SHA1, signature version 1.0):
nothing is shared with the shop. With --json it appends each message that it has taken as a JSON object to a file, with --show it
prints them. With --code it answers the first N requests (all without --times) with that code. --now is the time that timestamps
are held against, in seconds since 1970.
"""
import argparse
import base64
import calendar
import hashlib
import hmac
import json
import re
import time
import urllib.parse
import uuid

from fake_server import serve

REQUIRED = {"Action": "SendSms", "Version": "2017-05-25", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0"}
PRESENT = ["RegionId", "SignatureNonce", "Timestamp", "PhoneNumbers", "SignName", "TemplateCode", "Signature", "AccessKeyId"]


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


def signature(method, members, secret):
    pairs = sorted((name, value) for name, value in members.items() if name != "Signature")
    query = "&".join(encode(name) + "=" + encode(value) for name, value in pairs)
    text = "&".join([method, encode("/"), encode(query)])
    return base64.b64encode(hmac.new((secret + "&").encode(), text.encode(), hashlib.sha1).digest()).decode()


def refusal(method, pairs, options, nonces):
    """The code for which a request is refused; None for one that is in order."""
    members = dict(pairs)
    if len(members) != len(pairs):
        return "InvalidParameter.Duplicate"
    for name in PRESENT:
        if not members.get(name):
            return "MissingParameter." + name
    for name, value in REQUIRED.items():
        if members.get(name) != value:
            return "InvalidParameter." + name
    if members["AccessKeyId"] != options.key_id:
        return "InvalidAccessKeyId.NotFound"
    if not hmac.compare_digest(signature(method, members, options.key_secret), members["Signature"]):
        return "SignatureDoesNotMatch"
    try:
        sent = calendar.timegm(time.strptime(members["Timestamp"], "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return "InvalidTimeStamp.Format"
    if abs(sent - (options.now or time.time())) > 900:
        return "InvalidTimeStamp.Expired"
    if members["SignatureNonce"] in nonces:
        return "SignatureNonceUsed"
    nonces.add(members["SignatureNonce"])
    if members["SignName"] != options.sign_name:
        return "isv.SMS_SIGNATURE_ILLEGAL"
    if not re.fullmatch(r"1[3-9][0-9]{9}", members["PhoneNumbers"]):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    try:
        json.loads(members.get("TemplateParam", "{}"))
    except ValueError:
        return "isv.INVALID_JSON_PARAM"
    return None


class Service:
    def __init__(self, options):
        self.options = options
        self.nonces = set()
        self.failures = options.times if options.code else 0

    def answer(self, method, path, query, body):
        text = query if method == "GET" else body
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
        code = refusal(method, pairs, self.options, self.nonces)
        if code is None and self.failures != 0:
            self.failures -= 1
            code = self.options.code
        message = {"RequestId": str(uuid.uuid4()).upper(), "Code": code or "OK", "Message": code or "OK"}
        if code is None:
            self.take(dict(pairs), path + ("?" + query if query else ""))
            message["BizId"] = str(uuid.uuid4().int)[:20]
        # Refusals of the gateway have the status 400, those of the service itself 200.
        return 400 if code and not code.startswith("is") else 200, json.dumps(message), "application/json"

    def take(self, members, where):
        message = {
            "phone": members["PhoneNumbers"], "template": members["TemplateCode"],
            "variables": json.loads(members.get("TemplateParam", "{}")), "reference": members.get("OutId"), "where": where}
        if self.options.json:
            with open(self.options.json, "a", encoding="utf8") as file:
                file.write(json.dumps(message) + "\n")
        if self.options.show:
            print(f"--- text message to {message['phone']}: {message['template']} {message['variables']}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--key-id", required=True)
    parser.add_argument("--key-secret", required=True)
    parser.add_argument("--sign-name", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--json")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--now", type=int)
    parser.add_argument("--code")
    parser.add_argument("--times", type=int, default=-1)
    options = parser.parse_args()
    serve(options.port, Service(options).answer)


if __name__ == "__main__":
    main()
