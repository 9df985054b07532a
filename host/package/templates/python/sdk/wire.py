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
        return [wire(item, args[0], name) for item in value or []]
    if origin is tuple:
        return tuple(wire(item, part, name) for item, part in zip(value, args))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind[(value or DEFAULTS.get(name) or "").upper().replace("-", "_")]
    if dataclasses.is_dataclass(kind):
        if value is None:
            value = {}
        read = value.get if isinstance(value, dict) else lambda n: getattr(value, n, None)
        return kind(**{n: wire(read(n), t, n) for n, t in _hints(kind).items()})
    if value is None:
        if kind in (bool, int, float, str) and name != "label":
            return kind()
        raise ValueError(f"{name} is missing")
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
    """Any exception as the contract's plugin-error."""
    if not isinstance(error, PluginError):
        error = PluginError("permanent", f"a mistake in the plugin: {told(error)}")
    value = error.message
    if error.tag in ("retry-after", "rate-limited"):
        value = {"delay_ms": error.delay_ms, "message": error.message}
    return Err(wire((error.tag, value), common.PluginError))
