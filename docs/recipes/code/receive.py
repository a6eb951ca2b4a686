# Takes callbacks from Ringback, and believes only those that it has signed. Python 3.9 or later.
#   pip install standardwebhooks
#   SIGNING_SECRET=whsec_… PORT=3000 python receive.py
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

webhook = Webhook(os.environ["SIGNING_SECRET"])
# Ids that were dealt with. Keep them in your database: after a restart this set is empty.
done = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            webhook.verify(body, dict(self.headers))
        except Exception:  # not from Ringback, or changed on the way
            return self.answer(401)
        webhook_id = self.headers["webhook-id"]
        try:
            if webhook_id not in done:
                handle(json.loads(body))
            done.add(webhook_id)
        except Exception as error:
            print(webhook_id, error, file=sys.stderr)
            return self.answer(500)  # Ringback tries again
        return self.answer(204)  # any 2xx: delivered

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


def handle(task):
    """Your own work. Where it takes longer than a few seconds, put the task into a queue here and answer at once."""
    print(task["type"], task["id"], task["metadata"], task["result_url"] or task["error_message"], flush=True)


ThreadingHTTPServer(("", int(os.environ.get("PORT", "3000"))), Receiver).serve_forever()
