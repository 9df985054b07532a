import json
import unittest

import plugin
from rapport_sdk import PluginError, host, record

POST = {"id": "42", "author": {"id": "7", "name": "Sanne"}, "text": "Hoi", "sent": 5}


class Network(unittest.TestCase):
    def setUp(self):
        self.requests, self.answers = [], []
        plugin.configure({"server": "https://api.example.org"})

        def exchange(request):
            self.requests.append(request)
            status, body = self.answers.pop(0)
            return {"status": status, "headers": [], "body": json.dumps(body).encode()}

        host.exchange = exchange

    def test_takes_what_is_new(self):
        self.answers = [(200, {"messages": [POST], "next": "42"})]
        page = plugin.poll("41", [])
        self.assertEqual(
            self.requests[0]["url"], "https://api.example.org/v1/messages?after=41"
        )
        self.assertEqual((page["cursor"], page["activities"][0]["id"]), ("42", "42"))

    def test_sends_with_its_key_and_finds_it_again(self):
        self.answers = [(201, POST), (404, None)]
        sent = plugin.send(record(content="Onderweg!"), "key")
        self.assertEqual(sent["external_id"], "42")
        self.assertIsNone(plugin.find_sent("key"))
        self.assertIn(("idempotency-key", "key"), self.requests[0]["headers"])

    def test_a_refused_token_is_the_admins_to_renew(self):
        self.answers = [(401, None)]
        with self.assertRaises(PluginError) as raised:
            plugin.check()
        self.assertEqual(raised.exception.tag, "auth-expired")
