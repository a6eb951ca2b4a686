"""The client, against a Ringback on the simulator where RINGBACK_URL and RINGBACK_KEY name one; signatures and refusals without."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from ringback import Ringback, RingbackError, VerificationError, verify_callback

URL, KEY = os.environ.get("RINGBACK_URL"), os.environ.get("RINGBACK_KEY")
MODEL = "seedance-2.0-text-to-video"
FOX = {"prompt": "a fox", "resolution": "720p", "duration": 5}
SECRET = "whsec_" + base64.b64encode(b"a key of 24 bytes or so").decode()
NOW = 1_764_000_000


def signed(body: bytes, *, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"Webhook-Id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}


class ACallback(unittest.TestCase):
    body = '{"type":"task.succeeded","id":"task_1","metadata":{"who":"Zoë"}}'.encode()

    def test_is_believed_where_its_signature_holds(self) -> None:
        event = verify_callback(self.body, signed(self.body), SECRET, now=NOW)
        self.assertEqual(event["metadata"], {"who": "Zoë"})

    def test_is_believed_by_the_second_of_two_signatures(self) -> None:
        headers = signed(self.body)
        headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"]
        self.assertEqual(verify_callback(self.body, headers, SECRET, now=NOW)["id"], "task_1")

    def test_is_not_believed_otherwise(self) -> None:
        other = "whsec_" + base64.b64encode(b"the key of somebody else").decode()
        for headers in (
            {},
            signed(self.body, secret=other),
            signed(self.body + b" "),
            signed(self.body, at=NOW - 301),
            signed(self.body, at=NOW + 301),
            {**signed(self.body), "webhook-timestamp": "now"},
            {**signed(self.body), "webhook-signature": "v1,"},
            {**signed(self.body), "webhook-signature": "v1,ü"},
        ):
            with self.subTest(headers), self.assertRaises(VerificationError):
                verify_callback(self.body, headers, SECRET, now=NOW)

    def test_needs_a_signing_secret(self) -> None:
        for secret in ("rb_a-key-instead", "whsec_…", ""):
            with self.subTest(secret), self.assertRaisesRegex(ValueError, "whsec_ and base64"):
                verify_callback(self.body, signed(self.body), secret, now=NOW)


class ARefusal(unittest.TestCase):
    """Against a server of its own, which answers by script."""

    def client(self, *script: tuple[int, dict[str, str], object]) -> tuple[Ringback, list[float], list[str]]:
        answers, keys = list(script), []

        class Scripted(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, headers, body = answers.pop(0)
                keys.append(self.headers["Idempotency-Key"])
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Scripted)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        slept: list[float] = []
        return Ringback(f"http://127.0.0.1:{server.server_port}", "rb_x", sleep=slept.append), slept, keys

    def test_that_passes_is_tried_again_with_the_same_key(self) -> None:
        client, slept, keys = self.client(
            (500, {}, "oops"), (429, {"Retry-After": "7"}, "slow down"), (202, {}, {"id": "task_1"})
        )
        self.assertEqual(client.create(MODEL, FOX)["id"], "task_1")
        self.assertEqual(slept, [0.5, 7])
        self.assertEqual(len(set(keys)), 1)

    def test_that_lasts_is_told_at_once_and_in_words(self) -> None:
        problem = {"type": "urn:problem-type:ringback:x", "title": "No", "detail": "Because.", "errors": []}
        client, slept, _ = self.client((422, {"Content-Type": "application/problem+json"}, problem))
        with self.assertRaisesRegex(RingbackError, "No: Because."):
            client.create(MODEL, FOX)
        self.assertEqual(slept, [])

    def test_that_asks_to_wait_too_long_is_told(self) -> None:
        client, slept, _ = self.client((429, {"Retry-After": "3600"}, "later"))
        with self.assertRaises(RingbackError) as caught:
            client.create(MODEL, FOX)
        self.assertEqual((caught.exception.retry_after_seconds, slept), (3600, []))

    def test_begins_with_an_address(self) -> None:
        with self.assertRaisesRegex(ValueError, "https://"):
            Ringback("ringback.example.workers.dev", "rb_x")


@unittest.skipUnless(URL and KEY, "RINGBACK_URL and RINGBACK_KEY name no relay")
class ARelay(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Ringback(URL or "", KEY or "")

    def test_makes_a_video_and_lists_it(self) -> None:
        task = self.client.create(MODEL, FOX, metadata={"row": "42"})
        done = self.client.wait(task["id"], timeout_seconds=60)
        self.assertEqual((done["state"], done["metadata"]), ("succeeded", {"row": "42"}))
        self.assertRegex(done["result_url"] or "", "^http")
        self.assertEqual(self.client.get(task["id"]), done)
        self.assertIn(task["id"], [one["id"] for one in self.client.list(state="succeeded")])

    def test_makes_one_task_of_one_key(self) -> None:
        first, second = (self.client.create(MODEL, FOX, idempotency_key="row 42") for _ in range(2))
        self.assertEqual(first["id"], second["id"])

    def test_lists_more_than_a_page(self) -> None:
        made = {self.client.create(MODEL, FOX)["id"] for _ in range(21)}
        self.assertLessEqual(made, {one["id"] for one in self.client.list()})

    def test_says_how_long_is_too_long_and_cancels(self) -> None:
        task = self.client.create(MODEL, {**FOX, "prompt": "[never]"})
        with self.assertRaisesRegex(TimeoutError, task["id"]):
            self.client.wait(task["id"], timeout_seconds=0.5)
        self.assertEqual(self.client.cancel(task["id"])["state"], "canceled")
        with self.assertRaisesRegex(RingbackError, "ended") as caught:
            self.client.cancel(task["id"])
        self.assertEqual(caught.exception.status, 409)

    def test_estimates_and_names_the_field_at_fault(self) -> None:
        self.assertEqual(self.client.estimate(MODEL, FOX), 200)
        with self.assertRaises(RingbackError) as caught:
            self.client.create(MODEL, {**FOX, "durations": 5})
        self.assertEqual(caught.exception.errors[0]["path"], "input.durations")
        with self.assertRaises(RingbackError) as caught:
            self.client.get("../client")
        self.assertEqual(caught.exception.status, 404)

    def test_tells_what_happened(self) -> None:
        task = self.client.create(MODEL, FOX)
        self.client.wait(task["id"], timeout_seconds=60)
        types = [event["type"] for event in self.client.events(task_id=task["id"])]
        self.assertEqual(types[0], "task.succeeded")


if __name__ == "__main__":
    unittest.main()
