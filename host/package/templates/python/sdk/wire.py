"""Between the plugin's plain values and the types that the component is built with."""

import dataclasses
import enum
import json
import sys
import types
import typing

from componentize_py_types import Err, Ok
from wit_world.imports import common

from . import PluginError, record

# Counts: the contract has no sign for them.
COUNTS = {"delay_ms", "next_poll_ms", "follower_count", "size_bytes", "within_ms", "respond_within_ms",
          "solve_within_ms", "start", "end", "status"}

# What stands where a plugin leaves a required enum out.
DEFAULTS = {"visibility": "public", "reach": "directed", "kind": "unknown"}


def plain(value):
    """From the host: enums become strings, variants (tag, value), records plain attributes."""
    if value is None or isinstance(value, (str, int, float, bool, bytes)):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, enum.Enum):
        return value.name.lower().replace("_", "-")
    name = type(value).__name__
    if "_" in name:
        return (_kebab(name.split("_", 1)[1]), plain(getattr(value, "value", None)))
    return record(**{f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)})


def wire(value, kind, name=""):
    """To the host: the plugin's value as this type, optional parts filled in."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if type(None) in args:
            rest = [a for a in args if a is not type(None)]
            inner = rest[0] if len(rest) == 1 else typing.Union[tuple(rest)]
            return None if value is None else wire(value, inner, name)
        tag, content = value if isinstance(value, tuple) else (value, None)
        case = next((a for a in args if _kebab(a.__name__.split("_", 1)[1]) == tag), None)
        if case is None:
            raise ValueError(f"{name}: no such case: {tag!r}")
        hints = _hints(case)
        return case(wire(content, hints["value"], name)) if hints else case()
    if origin is list:
        if value is not None and not isinstance(value, (list, tuple)):
            raise ValueError(f"{name} is a {type(value).__name__}, expected a list")
        return [wire(item, args[0], name) for item in value or []]
    if origin is tuple:
        if not isinstance(value, (list, tuple)) or len(value) != len(args):
            raise ValueError(f"{name}: expected {len(args)} values together")
        return tuple(wire(item, part, name) for item, part in zip(value, args))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        case = str(value or DEFAULTS.get(name) or "").upper().replace("-", "_")
        if case not in kind.__members__:
            raise ValueError(f"{name}: no such case: {value!r}")
        return kind[case]
    if dataclasses.is_dataclass(kind):
        if value is None:
            value = {}
        read = value.get if isinstance(value, dict) else lambda n: getattr(value, n, None)
        return kind(**{n: wire(read(n), t, n) for n, t in _hints(kind).items()})
    if value is None:
        if kind in (bool, int, float, str) and name != "label":
            return kind()
        raise ValueError(f"{name} is missing")
    return _checked(value, kind, name)


def _checked(value, kind, name):
    """A plain value of just this type; another would end the call at the boundary."""
    if kind is float and type(value) is int:
        value = float(value)
    if kind in (bool, int, float, str, bytes) and type(value) is not kind:
        raise ValueError(f"{name} is a {type(value).__name__}, expected {kind.__name__}")
    if kind is int and not (0 if name in COUNTS else -(2**63)) <= value < 2**63:
        raise ValueError(f"{name} is out of range: {value}")
    if kind is str:
        # JSON can hold half of a surrogate pair, UTF-8 can't.
        value = value.encode("utf-8", "replace").decode()
    return value


_known = {}


def _hints(kind):
    if kind not in _known:
        module = vars(sys.modules[kind.__module__])
        _known[kind] = typing.get_type_hints(kind, module) if dataclasses.fields(kind) else {}
    return _known[kind]


def _kebab(name):
    return "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")


def told(error):
    """What went wrong and where, for the admin."""
    at, trace = "", error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        at, trace = f" ({code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno})", trace.tb_next
    return f"{type(error).__name__}: {error}{at}"[:1000]


def each(items, judge, kind):
    """One answer for each item: a mistake with one fails nobody else."""
    answers = []
    for item in items:
        try:
            answers.append(Ok([wire(answer, kind) for answer in judge(plain(item))]))
        except Exception as error:
            invalid = isinstance(error, PluginError) and error.tag == "invalid-input"
            code = common.ItemErrorCode.INVALID_INPUT if invalid else common.ItemErrorCode.OTHER
            answers.append(Err(common.ItemError(code, told(error))))
    return answers


def configure(plugin, settings):
    try:
        if hasattr(plugin, "configure"):
            plugin.configure(json.loads(settings))
    except Exception as error:
        raise Err(str(error)) from None


def wired(error):
    """Any exception as the contract's plugin-error. What nobody thought of is no refusal: whether a
    message arrived, the host asks the network again."""
    if not isinstance(error, PluginError):
        said = f"a mistake in the plugin, or an answer that it does not expect: {told(error)}"
        error = PluginError("retry-after", said)
    value = error.message
    if error.tag in ("retry-after", "rate-limited"):
        value = {"delay_ms": error.delay_ms, "message": error.message}
    return Err(wire((error.tag, value), common.PluginError))
