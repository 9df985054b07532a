import unittest

import plugin
from rapport_sdk import record


def asked(content, enabled):
    plugin.configure(
        {"no-promises": {"enabled": enabled, "words": ["guarantee"], "release-role": "manager"}}
    )
    case = record(moment="outbound", draft=record(content=content))
    return [effect["kind"] for effect in plugin.decide(case)]


class NoPromises(unittest.TestCase):
    def test_holds_a_promise_and_nothing_else(self):
        self.assertEqual(asked("We GUARANTEE it.", True), [("hold", "manager")])
        self.assertEqual(asked("We are looking into it.", True), [])
        self.assertEqual(asked("We guarantee it.", False), [])
