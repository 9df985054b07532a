"""Does a message thank somebody?"""

words = []


def configure(settings):
    words[:] = settings["words"]


def judge(message):
    text = message.content.lower()
    thanks = any(word in text for word in words)
    return [{"dimension": "thanks", "label": "yes" if thanks else "no", "score": 1.0}]
