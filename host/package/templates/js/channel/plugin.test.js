import assert from "node:assert/strict";
import test from "node:test";
import * as plugin from "./plugin.js";
import { host } from "./vendor/rapport-sdk/host.js";

function scripted(...answers) {
  const requests = [];
  host.exchange = (request) => {
    requests.push(request);
    const [status, body] = answers.shift();
    return { status, headers: [], body: body === undefined ? "" : JSON.stringify(body) };
  };
  plugin.configure({ server: "https://api.example.org" });
  return requests;
}

const post = { id: "42", author: { id: "7", name: "Sanne" }, text: "Hoi", sent: 5 };

test("takes what is new", () => {
  const requests = scripted([200, { messages: [post], next: "42" }]);
  const page = plugin.poll("41");
  assert.equal(requests[0].url, "https://api.example.org/v1/messages?after=41");
  assert.equal(page.cursor, "42");
  assert.equal(page.activities[0].id, "42");
});

test("sends with its key and finds it again", () => {
  const requests = scripted([201, post], [404]);
  assert.equal(plugin.send({ content: "Onderweg!", inReplyTo: null }, "key").externalId, "42");
  assert.equal(plugin.findSent("key"), null);
  assert.deepEqual(requests[0].headers[0], ["idempotency-key", "key"]);
});

test("a refused token is the admin's to renew", () => {
  scripted([401]);
  assert.throws(plugin.check, (error) => error.tag === "auth-expired");
});
