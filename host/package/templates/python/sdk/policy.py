"""A policy pack as a component: the plugin has RULES, decide(case) and, if it likes,
configure(settings)."""

from wit_world.imports import policy

from . import wire


def component(plugin):
    class WitWorld:
        def configure(self, settings):
            wire.configure(plugin, settings)

        def rules(self):
            return [
                wire.wire({"default_settings": "{}", **rule}, policy.RuleInfo)
                for rule in plugin.RULES
            ]

        def decide(self, cases):
            return wire.each(cases, plugin.decide, policy.Effect)

    return WitWorld
