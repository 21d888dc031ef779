#!/usr/bin/env python3
"""A mail server that delivers nothing: it keeps what it gets, for demos and tests.

usage: mail-sink.py [--port N] [--show] [--json FILE] [--tls starttls|implicit --certificate PEM]
                    [--login USER:PASSWORD] [--mechanism PLAIN|LOGIN] [--reply CODE [--times N]] [--delay SECONDS]

It prints its port first. With --show it prints each mail as a person reads it, with --json it appends one JSON object a
mail to a file: envelope, what protected it, and the message as Python's e-mail parser sees it. With --reply it answers the
first N mails (all without --times) with a code instead of taking them; with --delay it says late that it took a mail. Needs
Debian's python3-aiosmtpd.
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def parsed(data):
    """The message as the e-mail parser sees it."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    defects = [str(d) for part in message.walk() for d in part.defects]
    defects += [f"{name}: {d}" for name, value in message.items() for d in getattr(value, "defects", [])]
    longest = max(len(line) for line in data.split(b"\r\n"))
    return {
        "subject": str(message["Subject"]), "id": str(message["Message-ID"]), "date": str(message["Date"]),
        "from_header": str(message["From"]), "to_header": str(message["To"]), "type": message.get_content_type(),
        "headers": [name for name, _ in message.items()], "text": parts.get("text/plain"), "html": parts.get("text/html"),
        "defects": defects, "longest_line": longest, "is_ascii": data.isascii(),
    }


class Handler:
    def __init__(self, options):
        self.options = options
        self.refusals = options.times if options.reply else 0

    async def handle_DATA(self, server, session, envelope):
        if self.refusals != 0 and self.options.reply:
            self.refusals -= 1
            return f"{self.options.reply} this is a test"
        mail = parsed(envelope.original_content)
        mail.update({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": session.auth_data.decode() if session.auth_data else None,
            "raw": envelope.original_content.decode("latin-1")})
        if self.options.json:
            with open(self.options.json, "a", encoding="utf8") as file:
                file.write(json.dumps(mail) + "\n")
        if self.options.show:
            print(f"\n--- mail to {', '.join(envelope.rcpt_tos)}\nSubject: {mail['subject']}\n\n{mail['text']}", flush=True)
        await asyncio.sleep(self.options.delay)
        return "250 taken"


def authenticator(options):
    user, _, password = (options.login or "").partition(":")

    def authenticate(server, session, envelope, mechanism, data):
        is_right = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=is_right, handled=False, auth_data=data.login)
    return authenticate


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--certificate")
    parser.add_argument("--login")
    parser.add_argument("--mechanism", choices=["PLAIN", "LOGIN"])
    parser.add_argument("--reply", type=int)
    parser.add_argument("--times", type=int, default=-1)
    parser.add_argument("--delay", type=float, default=0)
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)
    settings = {"hostname": "sink.example", "decode_data": False}
    if options.login:
        settings |= {"authenticator": authenticator(options), "auth_required": True, "auth_require_tls": bool(options.tls)}
        if options.mechanism:
            settings["auth_exclude_mechanism"] = {"PLAIN", "LOGIN"} - {options.mechanism}
    if options.tls == "starttls":
        settings |= {"tls_context": context, "require_starttls": True}
    if options.tls == "implicit" and options.login:
        settings["auth_require_tls"] = False   # the connection is encrypted, but not by STARTTLS
    handler = Handler(options)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, **settings), "127.0.0.1", options.port, ssl=context if options.tls == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
