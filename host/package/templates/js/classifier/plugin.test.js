import assert from "node:assert/strict";
import test from "node:test";
import { configure, judge } from "./plugin.js";
import { message } from "./vendor/rapport-sdk/records.js";

test("tells thanks in Dutch and English", () => {
  configure({ words: ["dank", "thank"] });
  for (const [content, label] of [
    ["Bedankt voor de hulp!", "yes"],
    ["THANKS a lot", "yes"],
    ["Waar blijft mijn pakket?", "no"],
    ["", "no"],
  ]) {
    assert.equal(judge(message({ content }))[0].label, label, content);
  }
});
