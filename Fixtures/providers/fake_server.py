"""The HTTP server of the providers' stand-ins."""
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def pairs(text):
    """The members of a query or a form, in their order."""
    return urllib.parse.parse_qsl(text, keep_blank_values=True)


def serve(port, answer):
    """Serves until the process ends, and prints the port first; 0 takes a free one.

    `answer(method, path, query, body)` returns the status, the text, and, if need be, its media type and more headers of a reply; or
    a function, which is given the file of the connection.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            address = urllib.parse.urlsplit(self.path)
            reply = answer(self.command, address.path, address.query, body)
            if callable(reply):
                try:
                    reply(self.wfile)
                except OSError:   # the other end has given up
                    pass
                return
            status, text, kind, headers = reply + ("text/plain", {})[len(reply) - 2:]
            data = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind + ";charset=utf-8", "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
