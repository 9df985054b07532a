"""A classifier as a component: the plugin has judge(message) and, if it likes,
configure(settings)."""

from wit_world.imports import annotation

from . import wire


def component(plugin):
    class WitWorld:
        def configure(self, settings):
            wire.configure(plugin, settings)

        def classify(self, messages):
            return wire.each(messages, plugin.judge, annotation.Classification)

    return WitWorld
