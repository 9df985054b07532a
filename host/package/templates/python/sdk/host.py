"""What a connector may ask of the host. In the component these go to the host (see channel.py); a
test puts its own in their place: host.exchange = lambda request: {"status": 200, …}."""

import datetime as _datetime
import json as _json
import re as _re

from . import auth_expired, permanent, rate_limited, retry_after


def _absent(name):
    def call(*_):
        raise RuntimeError(f"host.{name} has no stand-in in this test")

    return call


#: One line for the admin, without secrets or personal data. Levels: debug, info, warn, error.
log = lambda level, line: None
#: A reference to a secret of the manifest, or None.
secret = lambda name: f"<{name}>"
#: Milliseconds since 1970.
now = _absent("now")
#: A small memory per inbox: bytes or None.
state_get, state_set, state_delete = map(_absent, ("state_get", "state_set", "state_delete"))
#: {method, url, headers: [(name, value)], body: bytes} to {status, headers, body: bytes}.
exchange = _absent("exchange")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, dict(headers), body

    def success(self):
        """Itself when its status is a success, or else what the status means to the host."""
        if 200 <= self.status <= 299:
            return self
        message = f"the network answered with status {self.status}"
        delay_ms = _delay_ms(self.headers.get("retry-after", ""))
        if self.status in (401, 403):
            raise auth_expired(message)
        if self.status == 429:
            raise rate_limited(message, delay_ms)
        if self.status in (408, 425) or self.status >= 500:
            raise retry_after(message, delay_ms)
        raise permanent(message)

    def json(self):
        if _is_deep(self.body):
            raise retry_after(f"the network's JSON is nested deeper than {_DEPTH} levels")
        try:
            return _json.loads(self.body)
        except ValueError:
            raise retry_after("the network's answer is no JSON") from None


#: A network's JSON; nested deeper than this it would take more stack than there is.
_DEPTH = 128
#: Texts, whose brackets do not count, and brackets.
_PARTS = _re.compile(rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')


def _is_deep(body):
    if body.count(b"[") + body.count(b"{") <= _DEPTH:
        return False
    depth = 0
    for part in _PARTS.finditer(body):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(part[0], 0)
        if depth > _DEPTH:
            return True
    return False


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _delay_ms(after):
    """`Retry-After`: seconds, or a date as in `Sun, 06 Nov 1994 08:49:37 GMT`."""
    if after.isdigit():
        return int(after) * 1000
    try:
        _, day, month, year, clock, _ = after.split()
        parts = int(year), _MONTHS.index(month) + 1, int(day), *map(int, clock.split(":"))
        at = _datetime.datetime(*parts, tzinfo=_datetime.timezone.utc)
        return max(0, round(at.timestamp() * 1000) - now())
    except (TypeError, ValueError):
        return None


def request(method, url, bearer=None, headers=None, json=None):
    """A request of the network; `bearer` names the secret that is its token."""
    listed = list((headers or {}).items())
    if bearer:
        reference = secret(bearer)
        if not reference:
            raise auth_expired(f"the secret `{bearer}` is not set")
        listed.append(("authorization", f"Bearer {reference}"))
    body = b""
    if json is not None:
        listed.append(("content-type", "application/json"))
        body = _json.dumps(json).encode()
    return Answer(**exchange({"method": method, "url": url, "headers": listed, "body": body}))
