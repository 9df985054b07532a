// What the host calls. The plugin itself is plugin.js.
import * as plugin from "./plugin.js";
import { classifier } from "./vendor/rapport-sdk/classifier.js";

export const { configure, classify } = classifier(plugin);
