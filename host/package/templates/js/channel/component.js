// What the host calls. The plugin itself is plugin.js.
import * as plugin from "./plugin.js";
import { channel } from "./vendor/rapport-sdk/channel.js";

export const { configure, check, pull, receive, validate, post, findSent } = channel(plugin);
