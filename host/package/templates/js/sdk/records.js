// The contract's records with their optional parts filled in, so that a plugin names only the
// fields that it knows. Names as in wit/, in camelCase; variants are {tag, val}; enums are strings.
//
// A value of another type would end the call at the boundary, so each is looked at here: what a
// network has sent is named in the error, and the call can be made again.
import { retryAfter } from "./errors.js";

const wrong = (at, wanted, value) => {
  const found = value === null || value === undefined ? "missing" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
  throw retryAfter(`${at} is ${found}, expected ${wanted}`);
};

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const text = (value, at) => (typeof value === "string" ? value.replace(LONE, "\ufffd") : wrong(at, "a text", value));

const flag = (value, at) => (typeof value === "boolean" ? value : wrong(at, "true or false", value));

const number = (value, at) => (Number.isFinite(value) ? value : wrong(at, "a number", value));

const whole = (value, at) =>
  Number.isSafeInteger(value) || (typeof value === "bigint" && BigInt.asIntN(64, value) === value)
    ? value
    : wrong(at, "a whole number", value);

const count = (value, at) => (whole(value, at) >= 0 ? value : wrong(at, "a count", value));

/** Fits the contract's u16 and u32. */
const upTo = (most) => (value, at) => (count(value, at) <= most ? value : wrong(at, `at most ${most}`, value));

const position = upTo(0xffffffff);

const bytes = (value, at) => (value instanceof Uint8Array ? value : wrong(at, "a Uint8Array", value));

const oneOf = (...names) => (value, at) => (names.includes(value) ? value : wrong(at, names.join(" or "), value));

const option = (shape) => (value, at) => (value === null || value === undefined ? null : shape(value, at));

const or = (fallback, shape) => (value, at) => (value === null || value === undefined ? fallback : shape(value, at));

const list = (shape) => (value, at) => {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) wrong(at, "a list", value);
  return value.map((item, index) => shape(item, `${at}[${index}]`));
};

const pair = (value, at) => {
  if (!Array.isArray(value) || value.length !== 2) wrong(at, "a name and a value", value);
  return [text(value[0], `${at}[0]`), text(value[1], `${at}[1]`)];
};

const extra = list(pair);

const record = (shapes, name) => (value, at = name) => {
  if (value === null || typeof value !== "object") wrong(at, "a record", value);
  const made = {};
  for (const field in shapes) made[field] = shapes[field](value[field], `${at}.${field}`);
  return made;
};

const variant = (shapes) => (value, at) => {
  const shape = shapes[value?.tag];
  if (shape === undefined) wrong(at, `one of ${Object.keys(shapes).join(", ")}`, value?.tag);
  return shape === null ? { tag: value.tag } : { tag: value.tag, val: shape(value.val, `${at}.${value.tag}`) };
};

const visibility = oneOf("public", "semi-private", "direct");
const priority = oneOf("low", "normal", "high", "urgent");
const purpose = oneOf("service", "marketing", "survey", "transactional");
const moment = oneOf("inbound", "outbound", "campaign", "tick");

export const actor = record({
  externalId: text, handle: option(text), displayName: option(text), profileUrl: option(text),
  avatarUrl: option(text), followerCount: option(count), verified: or(false, flag),
  kind: or("unknown", oneOf("person", "organization", "service", "unknown")), extra,
}, "actor");

const mention = record({
  actorExternalId: text, handle: option(text), span: option(record({ start: position, end: position })),
});

const attachment = record({
  kind: oneOf("image", "video", "audio", "document", "link"), url: text, mediaType: option(text),
  altText: option(text), title: option(text), sizeBytes: option(count),
});

export const message = record({
  externalId: text, conversationExternalId: option(text), inReplyTo: option(text), ancestors: list(text),
  attributedTo: actor, published: whole, updated: option(whole), title: option(text),
  content: or("", text), language: option(text), url: option(text),
  visibility: or("public", visibility), reach: or("directed", oneOf("directed", "searched", "third-party")),
  tags: list(text), mentions: list(mention), attachments: list(attachment), monitor: option(text), extra,
}, "message");

const reaction = record({ attributedTo: actor, object: text });

export const activity = record({
  id: text, published: whole,
  object: variant({
    create: message, update: message, delete: record({ externalId: text, deleted: whole }),
    announce: reaction, like: reaction, follow: actor,
  }),
}, "activity");

/** A new message as an activity with the message's id and time. */
export const created = (fields) => ({
  id: fields.externalId, published: fields.published, object: { tag: "create", val: fields },
});

export const page = record({
  activities: list(activity), cursor: or("", text), more: or(false, flag), nextPollMs: option(count),
}, "page");

const header = record({ name: text, value: text });

export const webhookResult = record({
  activities: list(activity),
  response: record({ status: upTo(0xffff), headers: list(header), body: or(new Uint8Array(), bytes) }),
}, "result");

export const account = record({
  actor, canPoll: or(false, flag), canReceive: or(false, flag), canSend: or(false, flag),
  sendVisibilities: list(visibility), extra,
}, "account");

export const receipt = record({ externalId: text, url: option(text), published: whole }, "receipt");

const evidence = list(record({ start: position, end: position, note: or("", text) }));

export const classification = record({
  dimension: text, label: text, score: number, evidence, extra,
}, "classification");

/** {nl: "…", en: "…"} as the contract has it. */
export const localized = (texts, at = "text") =>
  Array.isArray(texts)
    ? list(record({ language: text, text }))(texts, at)
    : Object.entries(texts ?? {}).map(([language, said]) => ({ language, text: text(said, `${at}.${language}`) }));

const responseDemand = record({
  withinMs: option(count), visibility: or("public", visibility), namedAccount: or(false, flag), required: or(false, flag),
});

const caseRequest = record({
  kind: oneOf("complaint", "question", "lead", "other"), title: text, priority: or("normal", priority),
  respondWithinMs: option(count), solveWithinMs: option(count),
});

const suppression = record({
  purpose, channel: option(text), until: variant({ at: whole, "cases-closed": null, indefinite: null }),
});

export const effect = record({
  rule: text,
  kind: variant({
    allow: null, hold: text, deny: null, rewrite: text, respond: responseDemand, "leave-alone": null,
    route: text, priority, label: text, "open-case": caseRequest,
    task: record({ title: text, due: option(whole), team: option(text) }), suppress: suppression,
    "pause-campaign": text, notify: record({ to: text, text }),
  }),
  reason: localized, evidence,
}, "effect");

export const ruleInfo = record({
  id: text, title: localized, guards: localized, moments: list(moment),
  defaultSettings: (settings) => JSON.stringify(settings ?? {}),
}, "rule");

/** A case for a test, as the host would give it. */
export const policyCase = (fields) => ({
  id: "", moment: "inbound", now: 0, message: null, classifications: [], draft: null,
  contact: null, conversation: null, withheld: [], ...fields,
  situation: {
    openCases: [], suppressions: [], incidents: [], campaigns: [], hashtagCounts: [],
    consents: [], openNow: null, extra: [], ...fields.situation,
  },
});
