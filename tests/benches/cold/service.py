"""What a function talks to, on the loopback: Lambda's Runtime API and DynamoDB over TLS."""

import http.server
import json
import os
import signal
import socket
import ssl
import threading


class RuntimeApi:
    """Hands out `events`, one a poll, then ends the polling process with a signal.

    The signal comes before any answer, so what was counted is the way up to
    that poll and nothing after it.
    """

    def __init__(self, events, signal_at_the_end):
        self.polls = 0
        self.failures = []
        self._events = list(events)
        self._signal = signal_at_the_end
        self._pid = None
        self._started = threading.Event()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                api._poll(self)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.path.endswith("/error") or b'"itemIdentifier"' in body:
                    api.failures.append(body.decode())
                _answer(self, 202, b"")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def serves(self, pid):
        self._pid = pid
        self._started.set()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _poll(self, handler):
        self._started.wait()
        self.polls += 1
        if self.polls > len(self._events):
            os.kill(self._pid, self._signal)
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "r-%d" % self.polls,
            "Lambda-Runtime-Deadline-Ms": "4102444800000",
        }
        _answer(handler, 200, json.dumps(self._events[self.polls - 1]).encode(), headers)


class DynamoDb:
    """Answers every request over TLS with an item not found."""

    def __init__(self, certificate, key):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "1"}
                _answer(self, 200, b"{}", headers)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)[0][0]

            def handle_error(self, *_):
                pass  # a client that was ended leaves its connection behind

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = Server(("localhost", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = "https://localhost:%d" % self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def _answer(handler, status, body, headers=()):
    handler.send_response(status)
    for name, value in dict(headers).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


SIGNAL_THAT_LETS_CALLGRIND_WRITE = signal.SIGTERM
