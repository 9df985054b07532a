// A network with a small JSON API. Replace the paths and the fields by those of yours.
import { request, success } from "./vendor/rapport-sdk/host.js";
import { created } from "./vendor/rapport-sdk/records.js";

let server = "";

export function configure(settings) {
  server = settings.server;
}

const call = (method, path, options) =>
  request(method, `${server}/v1/${path}`, { secret: "token", ...options });

const actor = ({ id, name }) => ({ externalId: id, displayName: name });

const receipt = ({ id, sent }) => ({ externalId: id, published: sent });

export function check() {
  const me = success(call("GET", "me")).json();
  return { actor: actor(me), canPoll: true, canSend: true, sendVisibilities: ["public"] };
}

// The same message must have the same id at every poll: by its id the host knows it again.
export function poll(cursor) {
  const { messages, next } = success(call("GET", `messages?after=${cursor ?? ""}`)).json();
  const activities = messages.map(({ id, author, text, sent }) =>
    created({ externalId: id, attributedTo: actor(author), content: text, published: sent }));
  return { activities, cursor: next };
}

// A second try with the same key must not send twice: tell the network the key.
export function send(message, key) {
  const json = { text: message.content, answers: message.inReplyTo };
  return receipt(success(call("POST", "messages", { json, headers: { "idempotency-key": key } })).json());
}

// null only when it surely was not sent: the host then sends it again.
export function findSent(key) {
  const answer = call("GET", `sent/${key}`);
  return answer.status === 404 ? null : receipt(success(answer).json());
}
