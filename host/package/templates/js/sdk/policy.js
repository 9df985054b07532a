// A policy pack as a component: the plugin has rules, decide(case) and, if it likes,
// configure(settings).
import { configuring, each } from "./errors.js";
import { effect, ruleInfo } from "./records.js";

export const policy = (plugin) => ({
  configure: configuring(plugin.configure),
  rules: () => plugin.rules.map((rule) => ruleInfo(rule)),
  decide: each(plugin.decide, effect),
});
