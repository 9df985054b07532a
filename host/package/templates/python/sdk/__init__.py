"""What a Python plugin author depends on.

What comes from the host has attributes named as the records in wit/, in snake_case. What goes to
the host may be such a record or a dict; parts that are optional may be left out. Enums are strings;
variants are `(tag, value)`, or the tag alone where there is no value.

Import everything at the head of a file: a component has no files, so what is imported later isn't
there.
"""

from types import SimpleNamespace


class PluginError(Exception):
    """The contract's plugin-error. Use the functions below to make one."""

    def __init__(self, tag, message, delay_ms=None):
        super().__init__(message)
        self.tag, self.message, self.delay_ms = tag, message, delay_ms


def retry_after(message, delay_ms=None):
    """A passing failure: try again after the delay."""
    return PluginError("retry-after", message, delay_ms)


def rate_limited(message, delay_ms=None):
    """The network asks for fewer calls."""
    return PluginError("rate-limited", message, delay_ms)


def auth_expired(message):
    """The credentials are refused; an admin must renew them."""
    return PluginError("auth-expired", message)


def invalid_input(message):
    """The input can't be right; trying again will not help."""
    return PluginError("invalid-input", message)


def unsupported(message):
    """This plugin can't do that at all."""
    return PluginError("unsupported", message)


def permanent(message):
    """The network refused for good."""
    return PluginError("permanent", message)


def record(**fields):
    """A record for a test, as the host would give it; parts that are not named are None."""
    return _Record(**fields)


class _Record(SimpleNamespace):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def localized(**texts):
    """Texts by language: localized(nl="…", en="…")."""
    return [{"language": language, "text": text} for language, text in texts.items()]


def created(message):
    """A new message (a dict) as an activity with the message's id and time."""
    return {
        "id": message["external_id"],
        "published": message["published"],
        "object": ("create", message),
    }
