// One rule: an answer that promises something waits for a manager.

const RULE = "no-promises";
let rule = {};

// The settings have a member for each rule, as the schema in plugin.toml.
export function configure(settings) {
  rule = settings[RULE];
}

export const rules = [
  {
    id: RULE,
    title: { nl: "Geen beloften", en: "No promises" },
    guards: { nl: "Wat we beloven, weet een leidinggevende.", en: "A manager knows what we promise." },
    moments: ["outbound"],
  },
];

export function decide({ draft }) {
  if (!rule.enabled || !draft) return [];
  const text = draft.content.toLowerCase();
  const word = rule.words.find((word) => text.includes(word));
  if (!word) return [];
  const reason = { nl: `Er staat een belofte in: ${word}.`, en: `It makes a promise: ${word}.` };
  return [{ rule: RULE, kind: { tag: "hold", val: rule["release-role"] }, reason }];
}
