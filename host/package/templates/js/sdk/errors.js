// What a plugin throws when something goes wrong: the contract's plugin-error.

export class PluginError extends Error {
  constructor(tag, message, delayMs) {
    super(message);
    this.name = "PluginError";
    this.tag = tag;
    this.delayMs = delayMs ?? null;
  }

  /** As the contract has it. */
  wire() {
    const delayed = this.tag === "retry-after" || this.tag === "rate-limited";
    return { tag: this.tag, val: delayed ? { delayMs: this.delayMs, message: this.message } : this.message };
  }
}

/** A passing failure: try again after the delay. */
export const retryAfter = (message, delayMs) => new PluginError("retry-after", message, delayMs);
/** The network asks for fewer calls. */
export const rateLimited = (message, delayMs) => new PluginError("rate-limited", message, delayMs);
/** The credentials are refused; an admin must renew them. */
export const authExpired = (message) => new PluginError("auth-expired", message);
/** The input can't be right; trying again will not help. */
export const invalidInput = (message) => new PluginError("invalid-input", message);
/** This plugin can't do that at all. */
export const unsupported = (message) => new PluginError("unsupported", message);
/** The network refused for good. */
export const permanent = (message) => new PluginError("permanent", message);

/**
 * Any thrown value as the contract's plugin-error. What nobody thought of is no refusal: whether a
 * message arrived, the host asks the network again.
 */
export const wired = (thrown) =>
  (thrown instanceof PluginError
    ? thrown
    : retryAfter(`a mistake in the plugin, or an answer that it does not expect: ${told(thrown)}`)).wire();

/** What was thrown and where, for the admin. */
export const told = (thrown) =>
  thrown instanceof Error ? `${thrown.message} ${thrown.stack ?? ""}`.trim().slice(0, 1000) : String(thrown);

/** Settings are refused with a text. */
export const configuring = (configure) => (settings) => {
  try {
    configure?.(JSON.parse(settings));
  } catch (thrown) {
    throw thrown instanceof Error ? thrown.message : String(thrown);
  }
};

/** One answer for each item: a mistake with one fails nobody else. */
export const each = (judge, shape) => (items) =>
  items.map((item) => {
    try {
      return { tag: "ok", val: judge(item).map((said) => shape(said)) };
    } catch (thrown) {
      const code = thrown instanceof PluginError && thrown.tag === "invalid-input" ? "invalid-input" : "other";
      return { tag: "err", val: { code, message: told(thrown) } };
    }
  });
