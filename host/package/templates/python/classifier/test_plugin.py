import unittest

import plugin
from rapport_sdk import record


class Thanks(unittest.TestCase):
    def test_in_dutch_and_english(self):
        plugin.configure({"words": ["dank", "thank"]})
        for content, label in [
            ("Bedankt voor de hulp!", "yes"),
            ("THANKS a lot", "yes"),
            ("Waar blijft mijn pakket?", "no"),
            ("", "no"),
        ]:
            with self.subTest(content):
                self.assertEqual(plugin.judge(record(content=content))[0]["label"], label)
