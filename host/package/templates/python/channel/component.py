# What the host calls. The plugin itself is plugin.py.
import plugin
from rapport_sdk.channel import component

WitWorld = component(plugin)
