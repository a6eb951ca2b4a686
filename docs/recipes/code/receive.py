# Takes callbacks from Ringback, and believes only those that it signed. Python 3.9 or later, no packages.
#   SIGNING_SECRET=whsec_… PORT=3000 python3 receive.py
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

secret = os.environ.get("SIGNING_SECRET", "").strip()
port = int(os.environ.get("PORT") or "3000")
if not re.fullmatch(r"whsec_[A-Za-z0-9+/]+=*", secret):
    problem = "is not a signing secret (whsec_ and base64)" if secret else "is missing"
    sys.exit(f"SIGNING_SECRET {problem}. It was shown with the key when the client was made; npm run dev prints both.")
key = base64.b64decode(secret[len("whsec_"):])
done = set()  # ids that were dealt with: keep them in your database, for a restart empties this


class Refused(Exception):
    pass


def verified(headers, body):
    """The event that was sent. Raises Refused where Ringback did not sign these very bytes in the last five minutes."""
    webhook_id, sent_at, signatures = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not webhook_id or not sent_at or not signatures:
        raise Refused("it is not signed: a webhook-... header is missing")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > 300:
        raise Refused(f"signed at {sent_at}, and it is {time.time():.0f}: an old one sent again, or a wrong clock")
    digest = hmac.new(key, f"{webhook_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    right = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(given.encode(), right) for given in signatures.split(" ")):
        raise Refused("the signature does not fit: another client's SIGNING_SECRET, or changed on the way")
    return json.loads(body)


def handle(event):
    """Your own work. Where it takes longer than a few seconds, put the event into a queue here and answer at once."""
    print(event["type"], event["id"], event["metadata"], event["result_url"] or event["error_message"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            # The bytes as they came: written anew, they have another signature.
            event = verified(self.headers, self.rfile.read(int(self.headers.get("content-length", "0"))))
        except Refused as problem:
            print("Refused a POST:", problem, file=sys.stderr)
            return self.answer(401, str(problem))  # Ringback's log of attempts keeps these words
        webhook_id = self.headers["webhook-id"]
        try:
            if webhook_id in done:
                print(webhook_id, "again: it was dealt with", flush=True)
            else:
                handle(event)
            done.add(webhook_id)
        except Exception as error:
            print(webhook_id, "failed, and will come again:", repr(error), file=sys.stderr)
            return self.answer(500)
        return self.answer(204)  # any 2xx: delivered

    def answer(self, status, words=""):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, *_):
        pass  # what it got and what it refused is told above


try:
    server = ThreadingHTTPServer(("", port), Receiver)
except OSError as error:
    sys.exit(f"Port {port}: {error.strerror}. For another one, set PORT.")
print(f"Waiting for callbacks at http://127.0.0.1:{port}/", flush=True)
server.serve_forever()
