"""A network with a small JSON API. Replace the paths and the fields by those of yours."""

from rapport_sdk import created
from rapport_sdk.host import request

server = ""


def configure(settings):
    global server
    server = settings["server"]


def call(method, path, **options):
    return request(method, f"{server}/v1/{path}", bearer="token", **options)


def actor(person):
    return {"external_id": person["id"], "display_name": person["name"]}


def receipt(post):
    return {"external_id": post["id"], "published": post["sent"]}


def check():
    me = call("GET", "me").success().json()
    return {"actor": actor(me), "can_poll": True, "can_send": True, "send_visibilities": ["public"]}


# The same message must have the same id at every poll: by its id the host knows it again.
def poll(cursor, monitors):
    posts = call("GET", f"messages?after={cursor or ''}").success().json()
    activities = [
        created({**receipt(post), "attributed_to": actor(post["author"]), "content": post["text"]})
        for post in posts["messages"]
    ]
    return {"activities": activities, "cursor": posts["next"]}


# A second try with the same key must not send twice: tell the network the key.
def send(message, key):
    body = {"text": message.content, "answers": message.in_reply_to}
    headers = {"idempotency-key": key}
    return receipt(call("POST", "messages", headers=headers, json=body).success().json())


# None only when it surely was not sent: the host then sends it again.
def find_sent(key):
    answer = call("GET", f"sent/{key}")
    return None if answer.status == 404 else receipt(answer.success().json())
