"""A connector as a component: the plugin has check and any of poll, receive, validate, send,
find_sent and configure. What it leaves out, it can't do.

The way out is imported as host:http, and poll and send are exported as pull and post:
`rapport plugin build` gives them their real names (see wit/connector-http.wit)."""

from componentize_py_types import Err, Ok
from wit_world.imports import channel, clock, common, log, outgoing_handler, secrets, state, types
from wit_world.imports.streams import StreamError_Closed

from . import PluginError, host, permanent, retry_after, unsupported, wire

METHODS = {"GET": "Get", "HEAD": "Head", "POST": "Post", "PUT": "Put", "DELETE": "Delete", "PATCH": "Patch"}


def _exchange(request):
    scheme, _, rest = request["url"].partition("://")
    if scheme not in ("http", "https"):
        raise permanent(f"not an http address: {request['url']}")
    rest = rest.split("#")[0]
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    fields = types.Fields()
    for name, value in request["headers"]:
        fields.append(name, value.encode())
    out = types.OutgoingRequest(fields)
    method = METHODS.get(request["method"])
    out.set_method(getattr(types, f"Method_{method}")() if method else types.Method_Other(request["method"]))
    out.set_scheme(types.Scheme_Https() if scheme == "https" else types.Scheme_Http())
    out.set_authority(authority)
    out.set_path_with_query(path if path.startswith("/") else f"/{path}")
    body = out.body()
    try:
        pending = outgoing_handler.handle(out, None)
    except Err as refused:
        raise permanent(f"the host refused {request['url']}: {type(refused.value).__name__}") from None
    with body.write() as stream:
        for at in range(0, len(request["body"]), 4096):
            stream.blocking_write_and_flush(request["body"][at : at + 4096])
    types.OutgoingBody.finish(body, None)
    answer = _awaited(pending)
    with answer.headers() as listed:
        headers = [(name.lower(), value.decode("utf-8", "replace")) for name, value in listed.entries()]
    return {"status": answer.status(), "headers": headers, "body": _read(answer.consume())}


def _awaited(pending):
    while (got := pending.get()) is None:
        with pending.subscribe() as pollable:
            pollable.block()
    while isinstance(got, Ok):
        got = got.value
    if isinstance(got, Err):
        raise retry_after(f"no answer: {type(got.value).__name__}")
    return got


def _read(body):
    whole = bytearray()
    with body, body.stream() as stream:
        while True:
            try:
                whole += stream.blocking_read(65536)
            except Err as ended:
                if isinstance(ended.value, StreamError_Closed):
                    return bytes(whole)
                raise retry_after("reading the answer failed") from None


def _unable(name):
    def call(*_):
        raise unsupported(f"this channel has no `{name}`")

    return call


def component(plugin):
    host.log = lambda level, line: log.write(log.Level[level.upper()], line)
    host.secret, host.now, host.exchange = secrets.reference, clock.now, _exchange
    host.state_get, host.state_set, host.state_delete = state.get, state.set, state.delete

    def call(name, kind, *args, fallback=None):
        try:
            work = getattr(plugin, name, None) or fallback or _unable(name)
            answer = work(*(wire.plain(arg) for arg in args))
            return None if answer is None or kind is None else wire.wire(answer, kind)
        except Exception as error:
            if not isinstance(error, PluginError):
                host.log("error", wire.told(error))
            raise wire.wired(error) from None

    class WitWorld:
        def configure(self, settings):
            wire.configure(plugin, settings)

        def check(self):
            return call("check", channel.Account)

        def pull(self, cursor, monitors):
            return call("poll", channel.Page, cursor, monitors)

        def receive(self, request):
            return call("receive", channel.WebhookResult, request)

        def validate(self, message):
            return call("validate", None, message, fallback=lambda _: None)

        def post(self, message, idempotency_key):
            return call("send", channel.Receipt, message, idempotency_key)

        def find_sent(self, idempotency_key):
            return call("find_sent", channel.Receipt, idempotency_key)

    return WitWorld
