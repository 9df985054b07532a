import assert from "node:assert/strict";
import test from "node:test";
import { configure, judge } from "./plugin.js";
import { message } from "./vendor/rapport-sdk/records.js";

const said = (content) =>
  message({ externalId: "m-1", published: 0, attributedTo: { externalId: "lotte" }, content });

test("tells thanks in Dutch and English", () => {
  configure({ words: ["dank", "thank"] });
  for (const [content, label] of [
    ["Bedankt voor de hulp!", "yes"],
    ["THANKS a lot", "yes"],
    ["Waar blijft mijn pakket?", "no"],
    ["", "no"],
  ]) {
    assert.equal(judge(said(content))[0].label, label, content);
  }
});
