"""One rule: an answer that promises something waits for a manager."""

from rapport_sdk import localized

RULE = "no-promises"

RULES = [
    {
        "id": RULE,
        "title": localized(nl="Geen beloften", en="No promises"),
        "guards": localized(
            nl="Wat we beloven, weet een leidinggevende.", en="A manager knows what we promise."
        ),
        "moments": ["outbound"],
    }
]

rule = {}


# The settings have a member for each rule, as the schema in plugin.toml.
def configure(settings):
    rule.update(settings[RULE])


def decide(case):
    if not rule["enabled"] or not case.draft:
        return []
    text = case.draft.content.lower()
    word = next((word for word in rule["words"] if word in text), None)
    if word is None:
        return []
    reason = localized(nl=f"Er staat een belofte in: {word}.", en=f"It makes a promise: {word}.")
    return [{"rule": RULE, "kind": ("hold", rule["release-role"]), "reason": reason}]
