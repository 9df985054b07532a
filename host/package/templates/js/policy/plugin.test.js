import assert from "node:assert/strict";
import test from "node:test";
import { configure, decide } from "./plugin.js";
import { policyCase } from "./vendor/rapport-sdk/records.js";

const asked = (content, enabled) => {
  configure({ "no-promises": { enabled, words: ["guarantee"], "release-role": "manager" } });
  return decide(policyCase({ moment: "outbound", draft: { content } })).map((effect) => effect.kind);
};

test("holds a promise and nothing else", () => {
  assert.deepEqual(asked("We GUARANTEE it.", true), [{ tag: "hold", val: "manager" }]);
  assert.deepEqual(asked("We are looking into it.", true), []);
  assert.deepEqual(asked("We guarantee it.", false), []);
});
