// The contract's records with their optional parts filled in, so that a plugin names only the
// fields that it knows. Names as in wit/, in camelCase; variants are {tag, val}; enums are strings.

export const actor = (fields) => ({
  externalId: "", handle: null, displayName: null, profileUrl: null, avatarUrl: null,
  followerCount: null, verified: false, kind: "unknown", extra: [], ...fields,
});

export const message = (fields) => ({
  externalId: "", conversationExternalId: null, inReplyTo: null, ancestors: [],
  published: 0, updated: null, title: null, content: "", language: null, url: null,
  visibility: "public", reach: "directed", tags: [], mentions: [], attachments: [],
  monitor: null, extra: [], ...fields, attributedTo: actor(fields.attributedTo),
});

/** A new message as an activity with the message's id and time. */
export const created = (fields) => ({
  id: fields.externalId, published: fields.published, object: { tag: "create", val: fields },
});

export const classification = (fields) => ({ evidence: [], extra: [], ...fields });

export const effect = (fields) => ({ evidence: [], ...fields, reason: localized(fields.reason) });

/** {nl: "…", en: "…"} as the contract has it. */
export const localized = (texts) =>
  Array.isArray(texts) ? texts : Object.entries(texts).map(([language, text]) => ({ language, text }));

export const ruleInfo = (fields) => ({
  ...fields, title: localized(fields.title), guards: localized(fields.guards),
  defaultSettings: JSON.stringify(fields.defaultSettings ?? {}),
});

export const policyCase = (fields) => ({
  id: "", moment: "inbound", now: 0, message: null, classifications: [], draft: null,
  contact: null, conversation: null, withheld: [], ...fields,
  situation: {
    openCases: [], suppressions: [], incidents: [], campaigns: [], hashtagCounts: [],
    consents: [], openNow: null, extra: [], ...fields.situation,
  },
});

const withMessage = (object) =>
  object.tag === "create" || object.tag === "update"
    ? { tag: object.tag, val: message(object.val) }
    : object.tag === "follow"
      ? { tag: "follow", val: actor(object.val) }
      : object.tag === "delete"
        ? object
        : { tag: object.tag, val: { ...object.val, attributedTo: actor(object.val.attributedTo) } };

export const activity = (fields) => ({ ...fields, object: withMessage(fields.object) });

export const page = (fields) => ({
  cursor: "", more: false, nextPollMs: null, ...fields,
  activities: (fields.activities ?? []).map(activity),
});

export const account = (fields) => ({
  canPoll: false, canReceive: false, canSend: false, sendVisibilities: [], extra: [], ...fields,
  actor: actor(fields.actor),
});

export const receipt = (fields) => ({ url: null, ...fields });
