// What the host calls. The plugin itself is plugin.js.
import * as plugin from "./plugin.js";
import { policy } from "./vendor/rapport-sdk/policy.js";

export const { configure, rules, decide } = policy(plugin);
