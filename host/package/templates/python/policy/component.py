# What the host calls. The plugin itself is plugin.py.
import plugin
from rapport_sdk.policy import component

WitWorld = component(plugin)
