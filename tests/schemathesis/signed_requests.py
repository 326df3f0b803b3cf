"""Signs what Schemathesis sends (protocol, sections 1 and 2): an implementation of its own, that shares nothing with the SDK."""

import hashlib
import hmac
import os
import time
import uuid
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_to_bytes, urlsplit

import requests
import schemathesis

APP_KEY = os.environ["ECLOUD_APP_KEY"]
APP_SECRET = os.environ["ECLOUD_APP_SECRET"]
ACCESS_TOKEN = os.environ["ECLOUD_ACCESS_TOKEN"]
# The platform lives at the time of the examples.
DATE = requests.get(os.environ["ECLOUD_ENDPOINT"], timeout=10).headers["date"]
AHEAD = parsedate_to_datetime(DATE).timestamp() - time.time()


def encoded(data: bytes) -> str:
    return quote(data, safe="-._~")


def parameters(request: requests.PreparedRequest) -> str:
    pairs = []
    for piece in filter(None, urlsplit(request.url).query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append(tuple(encoded(unquote_to_bytes(part.replace("+", " "))) for part in (name, value)))
    for name, value in request.headers.items():
        name = name.lower()
        signed = name.startswith("x-ecloud-") and name not in ("x-ecloud-signature", "x-ecloud-timestamp")
        if signed or name in ("authorization", "idempotency-key"):
            value = value if isinstance(value, bytes) else value.encode("latin-1")
            pairs.append((":" + encoded(name.encode()), encoded(value.strip(b" \t"))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


class Signed(requests.auth.AuthBase):
    """Comes last: the request is as it will be sent."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        headers = request.headers
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        headers["x-ecloud-app-key"] = APP_KEY
        headers["x-ecloud-timestamp"] = str(int(time.time() + AHEAD))
        headers["x-ecloud-nonce"] = uuid.uuid4().hex
        headers["authorization"] = f"Bearer {ACCESS_TOKEN}"
        if body:
            headers["x-ecloud-content-sha256"] = hashlib.sha256(body).hexdigest()
        if request.method not in ("GET", "HEAD"):
            headers["idempotency-key"] = uuid.uuid4().hex
        path = urlsplit(request.url).path or "/"
        text = "|".join([request.method, path, headers["x-ecloud-timestamp"], parameters(request)])
        headers["x-ecloud-signature"] = hmac.new(APP_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["auth"] = Signed()
