// A classifier as a component: the plugin has judge(message) and, if it likes, configure(settings).
import { configuring, each } from "./errors.js";
import { classification } from "./records.js";

export const classifier = (plugin) => ({
  configure: configuring(plugin.configure),
  classify: each(plugin.judge, classification),
});
