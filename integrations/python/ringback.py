"""Ringback, for Python 3.10 and later: post a job to Ringback, wait for it, and believe its callbacks.

Needs nothing but the standard library, and is one file: copy it, or `pip install` the folder.

    client = Ringback("https://ringback.your-name.workers.dev", "rb_…")
    task = client.create("seedance-2.0-text-to-video", {"prompt": "A fox in the snow", "resolution": "720p", "duration": 5})
    print(client.wait(task["id"])["result_url"])
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypedDict, cast
from urllib.parse import quote, urlencode

__all__ = ["Event", "Ringback", "RingbackError", "Task", "VerificationError", "verify_callback"]
__version__ = "0.1.0"

State = Literal["queued", "running", "succeeded", "failed", "canceled"]

# One request; Ringback holds an answer for HOLD_SECONDS at the most.
TIMEOUT_SECONDS = 60.0
HOLD_SECONDS = 25
# Before a request is sent again: 0.5, 1, 2 … s, or what Retry-After asks for, if that is no longer than MAX_DELAY_SECONDS.
FIRST_DELAY_SECONDS = 0.5
MAX_DELAY_SECONDS = 30.0


class _Outcome(TypedDict):
    id: str
    model: str
    result_url: str | None
    result_urls: list[str]
    source_urls: list[str]
    error_code: str | None
    error_message: str | None
    metadata: dict[str, str | float | bool | None]
    estimated_credits: float | None
    created_at: str
    submitted_at: str | None
    completed_at: str | None
    duration_ms: int | None


class Task(_Outcome):
    """A task as Ringback shows it."""

    state: State
    input: dict[str, Any]
    queue: dict[str, Any] | None
    callback: dict[str, Any] | None


class Event(_Outcome):
    """What happened to a task: the body of a callback, and a line of the list of events."""

    type: str
    event_id: str
    timestamp: str
    state: State


class RingbackError(Exception):
    """Ringback refused a request; `str()` says why, and what to do about it."""

    def __init__(self, status: int, problem: Mapping[str, Any] | None, retry_after_seconds: float | None) -> None:
        words = f"{problem['title']}: {problem['detail']}" if problem else f"Status {status}, and not from Ringback"
        super().__init__(words)
        self.status = status
        self.type: str | None = problem["type"] if problem else None
        """To compare with, `urn:problem-type:ringback:…`; None where it was not Ringback that answered."""
        self.errors: list[dict[str, str]] = list(problem.get("errors", [])) if problem else []
        """Each field at fault, with `path` and `message`."""
        self.retry_after_seconds = retry_after_seconds


class VerificationError(Exception):
    """Raised by `verify_callback`: do not act on this request; answer 401."""


class Ringback:
    """A client of one relay.

    `url` is Ringback's address, `key` the client's (`rb_…`). A request that failed for a passing reason is sent again `retries`
    times; a post carries an idempotency key, so it costs once. `sleep` takes seconds.
    """

    def __init__(
        self, url: str, key: str, *, retries: int = 3, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError("url begins with https:// (on your own machine http://)")
        self._url = url.rstrip("/")
        self._key = key
        self._retries = retries
        self._sleep = sleep

    def create(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        callback_url: str | None = None,
        callback_headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, str | float | bool | None] | None = None,
        keep_result: bool = True,
        timeout_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Posts a task. Give an `idempotency_key` of your own (an order's number) where your program may start anew in between.
        `keep_result=False`: Ringback keeps no copy of the result, and tells it by the provider's links, which expire."""
        given = {
            "callback_url": callback_url,
            "callback_headers": callback_headers,
            "metadata": metadata,
            "keep_result": None if keep_result else False,
            "timeout_seconds": timeout_seconds,
        }
        body = {"model": model, "input": input, **{name: value for name, value in given.items() if value is not None}}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return cast(Task, self._send("POST", "/v1/tasks", body=body, headers=headers)[1])

    def get(self, task_id: str) -> Task:
        return cast(Task, self._send("GET", _path(task_id))[1])

    def wait(self, task_id: str, *, timeout_seconds: float | None = None) -> Task:
        """The task once it has ended, however that went: look at `state`. `TimeoutError` where that takes longer than
        `timeout_seconds`; without it there is no limit but the task's own."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while True:
            left = HOLD_SECONDS if until is None else int(max(0, min(HOLD_SECONDS, until - time.monotonic())))
            status, task, headers = self._send("GET", _path(task_id) + "/result", headers={"Prefer": f"wait={left}"})
            if status == 200:
                return cast(Task, task)
            if until is not None and time.monotonic() >= until:
                raise TimeoutError(f"{task_id} has not ended within {timeout_seconds} s; it goes on")
            # Where something in between let the answer through at once, Ringback's pace is kept all the same.
            if "Preference-Applied" not in headers or left == 0:
                self._sleep(float(headers.get("Retry-After") or 5) if left else 0.1)

    def list(self, *, state: State | None = None) -> Iterator[Task]:
        """Tasks, the newest first, page by page as they are read."""
        yield from cast(Iterator[Task], self._pages("/v1/tasks", {"state": state}))

    def events(self, *, type: str | None = None, task_id: str | None = None, since: str | None = None) -> Iterator[Event]:
        """What happened, the newest first: to read up what a receiver missed. `since` is an ISO 8601 time, inclusive."""
        yield from cast(Iterator[Event], self._pages("/v1/events", {"type": type, "task_id": task_id, "since": since}))

    def cancel(self, task_id: str) -> Task:
        """Stops following a task. What the provider has begun it ends, and charges."""
        return cast(Task, self._send("POST", _path(task_id) + "/cancel", is_repeatable=False)[1])

    def estimate(self, model: str, input: Mapping[str, Any]) -> float | None:
        """What a task would cost, in credits; None where duration or resolution is not given."""
        body = {"model": model, "input": input}
        return cast("float | None", self._send("POST", "/v1/estimates", body=body)[1]["credits"])

    def _pages(self, path: str, query: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
        given = {name: value for name, value in query.items() if value is not None}
        while True:
            page = self._send("GET", f"{path}?{urlencode(given)}")[1]
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            given["cursor"] = page["next_cursor"]

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = True,
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        delay = FIRST_DELAY_SECONDS
        for left in range(self._retries, -1, -1):
            try:
                return self._attempt(method, path, body, headers or {})
            except RingbackError as error:
                wait = max(delay, error.retry_after_seconds or 0)
                if left == 0 or not _is_passing(error, is_repeatable) or wait > MAX_DELAY_SECONDS:
                    raise
            except (OSError, http.client.HTTPException):
                if left == 0 or not is_repeatable:
                    raise
                wait = delay
            self._sleep(wait)
            delay *= 2
        raise AssertionError("the last attempt returns or raises")

    def _attempt(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        own = {"Authorization": f"Bearer {self._key}", "User-Agent": f"ringback-python/{__version__}", **headers}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            own["Content-Type"] = "application/json"
        request = urllib.request.Request(self._url + path, method=method, headers=own, data=data)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return response.status, json.load(response), response.headers
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error) from None


def _refusal(error: urllib.error.HTTPError) -> RingbackError:
    is_problem = error.headers.get_content_type() == "application/problem+json"
    after = error.headers.get("Retry-After", "")
    return RingbackError(
        error.code, json.load(error) if is_problem else None, float(after) if after.isdecimal() else None
    )


def _is_passing(error: RingbackError, is_repeatable: bool) -> bool:
    if error.status == 429:
        return True
    is_server = error.status == 500 or (error.status > 500 and error.type is None)
    return is_repeatable and (is_server or error.retry_after_seconds is not None)


def _path(task_id: str) -> str:
    return "/v1/tasks/" + quote(task_id, safe="")


def verify_callback(
    body: bytes, headers: Mapping[str, str], secret: str, *, tolerance_seconds: float = 300, now: float | None = None
) -> Event:
    """The callback's content, if Ringback sent it (https://www.standardwebhooks.com).

    `body` are the bytes as they came: parsed and written anew, they have another signature. `headers` may be spelt in any case;
    `secret` is the client's `whsec_…`. Raises `VerificationError`, also where it was signed more than `tolerance_seconds` before
    or after `now` (seconds since 1970).
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at, signatures = (lower.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message_id or not sent_at or not signatures:
        raise VerificationError("a webhook-… header is missing")
    seconds = time.time() if now is None else now
    if not (sent_at.isascii() and sent_at.isdecimal()) or abs(seconds - int(sent_at)) > tolerance_seconds:
        raise VerificationError("it was signed too long ago, or the clock of this machine is wrong")
    signed = f"{message_id}.{sent_at}.".encode() + body
    right = b"v1," + base64.b64encode(hmac.new(_key_of(secret), signed, hashlib.sha256).digest())
    if not any(hmac.compare_digest(given.encode(), right) for given in signatures.split(" ")):
        raise VerificationError("not from Ringback, changed on the way, or signed with another secret")
    return cast(Event, json.loads(body))


def _key_of(secret: str) -> bytes:
    try:
        if not secret.startswith("whsec_"):
            raise ValueError
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("a signing secret is whsec_ and base64") from None
