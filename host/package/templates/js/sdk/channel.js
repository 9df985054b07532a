// A connector as a component: the plugin has check and any of poll, receive, validate, send,
// findSent and configure. What it leaves out, it can't do.
//
// The network's contract is imported as host:http, and poll and send are exported as pull and
// post: `rapport plugin build` gives them their real names (see wit/connector-http.wit).
import handler from "host:http/outgoing-handler@0.2.9";
import http from "host:http/types@0.2.9";
import clock from "rapport:host/clock@1.0.0";
import log from "rapport:host/log@1.0.0";
import secrets from "rapport:host/secrets@1.0.0";
import state from "rapport:host/state@1.0.0";
import { PluginError, configuring, permanent, retryAfter, told, unsupported, wired } from "./errors.js";
import { host } from "./host.js";
import { account, page, receipt, webhookResult } from "./records.js";
import { fromUtf8, toUtf8 } from "./utf8.js";

const METHODS = ["get", "head", "post", "put", "delete", "patch"];

function exchange({ method, url, headers, body }) {
  const [, scheme, authority, path] = /^(https?):\/\/([^/?#]+)([^#]*)/.exec(url) ?? [];
  if (!scheme) throw permanent(`not an http address: ${url}`);
  const fields = new http.Fields();
  for (const [name, value] of headers) fields.append(name, toUtf8(value));
  const request = new http.OutgoingRequest(fields);
  const verb = method.toLowerCase();
  request.setMethod(METHODS.includes(verb) ? { tag: verb } : { tag: "other", val: method });
  request.setScheme({ tag: scheme === "https" ? "HTTPS" : "HTTP" });
  request.setAuthority(authority);
  request.setPathWithQuery(path.startsWith("/") ? path : `/${path}`);
  const outgoing = request.body();
  let pending;
  try {
    pending = handler.handle(request, null);
  } catch (refused) {
    throw permanent(`the host refused ${url}: ${code(refused)}`);
  }
  write(outgoing, toUtf8(body));
  const answer = awaited(pending);
  return {
    status: answer.status(),
    headers: answer.headers().entries().map(([name, value]) => [name.toLowerCase(), fromUtf8(value)]),
    body: fromUtf8(read(answer.consume())),
  };
}

function write(outgoing, bytes) {
  const stream = outgoing.write();
  for (let at = 0; at < bytes.length; at += 4096) stream.blockingWriteAndFlush(bytes.subarray(at, at + 4096));
  stream[Symbol.dispose]();
  http.OutgoingBody.finish(outgoing, null);
}

function awaited(pending) {
  for (;;) {
    const got = pending.get();
    if (got === null || got === undefined) {
      const pollable = pending.subscribe();
      pollable.block();
      pollable[Symbol.dispose]();
      continue;
    }
    const answer = got.tag === "ok" ? got.val : got;
    if (answer.tag === "ok") return answer.val;
    throw retryAfter(`no answer: ${code(answer.val)}`);
  }
}

function read(body) {
  const stream = body.stream();
  const chunks = [];
  for (;;) {
    try {
      chunks.push(new Uint8Array(stream.blockingRead(65536)));
    } catch (ended) {
      if (kind(ended) === "closed") break;
      throw retryAfter("reading the answer failed");
    }
  }
  stream[Symbol.dispose]();
  body[Symbol.dispose]();
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const kind = (thrown) => thrown?.tag ?? thrown?.payload?.tag ?? thrown?.val?.tag;
const code = (thrown) => kind(thrown) ?? String(thrown);

const calling = (name, shape, fallback) => (plugin) => {
  const work = plugin[name] ?? fallback;
  return (...args) => {
    try {
      if (!work) throw unsupported(`this channel has no \`${name}\``);
      return shape(work(...args));
    } catch (thrown) {
      if (!(thrown instanceof PluginError)) log.write("error", told(thrown));
      throw wired(thrown);
    }
  };
};

export function channel(plugin) {
  Object.assign(host, {
    log: log.write, secret: secrets.reference, now: clock.now,
    stateGet: state.get, stateSet: state.set, stateDelete: state.delete, exchange,
  });
  const made = (name, shape, fallback) => calling(name, shape, fallback)(plugin);
  return {
    configure: configuring(plugin.configure),
    check: made("check", account),
    pull: made("poll", page),
    receive: made("receive", webhookResult),
    validate: made("validate", () => undefined, () => undefined),
    post: made("send", receipt),
    findSent: made("findSent", (found) => (found ? receipt(found) : null)),
  };
}
