// What a connector may ask of the host. In the component these go to the host (see channel.js);
// a test puts its own in their place: host.exchange = (request) => ({ status: 200, … }).
import { authExpired, permanent, rateLimited, retryAfter } from "./errors.js";

const absent = (name) => () => {
  throw new Error(`host.${name} has no stand-in in this test`);
};

export const host = {
  /** One line for the admin, without secrets or personal data. Levels: debug, info, warn, error. */
  log: (level, line) => {},
  /** A reference to a secret of the manifest, or null. */
  secret: (name) => `<${name}>`,
  /** Milliseconds since 1970. */
  now: absent("now"),
  /** A small memory per inbox: Uint8Array or null. */
  stateGet: absent("stateGet"),
  stateSet: absent("stateSet"),
  stateDelete: absent("stateDelete"),
  /** {method, url, headers: [[name, value]], body: string} to {status, headers, body: string}. */
  exchange: absent("exchange"),
};

/** A request of the network, with a reference to the secret as its bearer token. */
export function request(method, url, { secret, headers = {}, json } = {}) {
  const list = Object.entries(headers);
  if (secret) {
    const reference = host.secret(secret);
    if (!reference) throw authExpired(`the secret \`${secret}\` is not set`);
    list.push(["authorization", `Bearer ${reference}`]);
  }
  if (json !== undefined) list.push(["content-type", "application/json"]);
  const answer = host.exchange({ method, url, headers: list, body: json === undefined ? "" : JSON.stringify(json) });
  return { ...answer, json: () => parsed(answer.body) };
}

/** The same answer when its status is a success, or else what the status means to the host. */
export function success(answer) {
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  const message = `the network answered with status ${status}`;
  const delayMs = delay(answer.headers?.find(([name]) => name === "retry-after")?.[1]);
  if (status === 401 || status === 403) throw authExpired(message);
  if (status === 429) throw rateLimited(message, delayMs);
  if (status === 408 || status === 425 || status >= 500) throw retryAfter(message, delayMs);
  throw permanent(message);
}

/** `Retry-After` in milliseconds: seconds, or a date as in `Sun, 06 Nov 1994 08:49:37 GMT`. */
function delay(after) {
  if (/^\d+$/.test(after ?? "")) return Number(after) * 1000;
  const at = / GMT$/.test(after ?? "") ? Date.parse(after) : NaN;
  return Number.isFinite(at) ? Math.max(0, at - Number(host.now())) : null;
}

/** A network's JSON; nested deeper than this it would take more stack than there is. */
const DEPTH = 128;

export function parsed(body) {
  if (depth(body) > DEPTH) throw retryAfter(`the network's JSON is nested deeper than ${DEPTH} levels`);
  try {
    return JSON.parse(body);
  } catch {
    throw retryAfter("the network's answer is no JSON");
  }
}

/** How deep lists and objects go, as far as it matters; what is in texts does not count. */
function depth(json) {
  if (json.split("[").length + json.split("{").length <= DEPTH) return 0;
  let now = 0;
  for (let at = 0; at < json.length && now <= DEPTH; at++) {
    const c = json[at];
    if (c === "[" || c === "{") now++;
    else if (c === "]" || c === "}") now--;
    else if (c === '"') at = closing(json, at);
  }
  return now;
}

/** Where the text ends that begins here: at a quotation mark behind an even number of backslashes. */
function closing(json, at) {
  for (;;) {
    at = json.indexOf('"', at + 1);
    if (at < 0) return json.length;
    let before = at;
    while (json[before - 1] === "\\") before--;
    if ((at - before) % 2 === 0) return at;
  }
}
