import assert from "node:assert/strict";
import test from "node:test";
import { asyncapi, openapi } from "./documents.mjs";
import * as checks from "./document_checks.mjs";

test("the documents are valid and agree with the headers", async () => {
  assert.deepEqual(await checks.allComplaints(asyncapi, openapi), []);
});

/** A test that a check complains once `change` was made to a copy of the documents. */
function bites(what, check, change, complaint) {
  test(`notices ${what}`, async () => {
    const a = structuredClone(asyncapi);
    const o = structuredClone(openapi);
    change(a, o, a.components.schemas);
    const complaints = await check(a, o);
    assert.ok(
      complaints.some((each) => complaint.test(each)),
      `no complaint like ${complaint} in ${JSON.stringify(complaints)}`,
    );
  });
}

bites(
  "an AsyncAPI operation without a channel",
  checks.checkAsyncapi,
  (a) => delete a.operations.action.channel,
  /channel/,
);
bites(
  "an OpenAPI response without a description",
  checks.checkOpenapi,
  (a, o) => delete o.components.responses.NotFound.description,
  /^openapi: ./,
);
bites(
  "a reference that leads nowhere",
  checks.checkReferences,
  (a, o) => delete a.components.schemas.Event,
  /leads nowhere/,
);
bites("an open object", checks.checkSchemas, (a, o, s) => delete s.Die.additionalProperties, /Die .*admits fields/);
bites(
  "an unbounded integer",
  checks.checkSchemas,
  (a, o, s) => delete s.Die.properties.sides.maximum,
  /Die .*without bounds/,
);
bites("a misspelt keyword", checks.checkSchemas, (a, o, s) => (s.Name.maxlength = 3), /Name: strict mode/);
bites(
  "a schema that nothing uses",
  checks.checkSchemas,
  (a, o, s) => (s.Spare = { description: "Unused.", type: "boolean" }),
  /Spare: nothing/,
);
bites(
  "an operation that is missing",
  checks.checkWords,
  (a, o, s) => s.ClientMessage.oneOf.pop(),
  /operations: the document lacks "chat\.whisper"/,
);
bites(
  "an event that the code does not know",
  checks.checkWords,
  (a, o, s) => (s.ChatSaid.properties.ev.const = "chat.sang"),
  /events: the code lacks "chat\.sang"/,
);
bites(
  "an error code that is missing",
  checks.checkWords,
  (a, o, s) => s.ErrorCode.enum.splice(8, 1),
  /error codes: the document lacks "locked"/,
);
bites(
  "a reason to close",
  checks.checkWords,
  (a, o, s) => s.GoodbyeReason.enum.pop(),
  /goodbye reasons: the document lacks "removed"/,
);
bites(
  "a close code with another number",
  checks.checkWords,
  (a) => (a.channels.table["x-close-codes"][0].code = 4002),
  /close codes: the document lacks "4000/,
);
bites(
  "a word of an enumeration",
  checks.checkWords,
  (a, o, s) => s.Role.enum.push("judge"),
  /Role: the code lacks "judge"/,
);
bites(
  "a word of the lobby's",
  checks.checkWords,
  (a, o) => o.components.schemas.Listing.enum.pop(),
  /Listing: the document lacks "private"/,
);
bites(
  "a field with another name",
  checks.checkFields,
  (a, o, s) => {
    s.ZoneDraw.properties.data.properties.amount = s.ZoneDraw.properties.data.properties.count;
    delete s.ZoneDraw.properties.data.properties.count;
  },
  /zone\.draw: the document lacks "count"/,
);
bites(
  "a field that became optional",
  checks.checkFields,
  (a, o, s) => s.DiceRoll.properties.data.required.pop(),
  /dice\.roll: the document lacks "to"/,
);
bites(
  "a view's field that is missing",
  checks.checkFields,
  (a, o, s) => delete s.MoveInFree.properties.kind && delete s.MoveInOrdered.properties.kind,
  /view Move: the document lacks "kind\?"/,
);
bites("a bound that moved", checks.checkLimits, (a, o, s) => (s.Name.maxLength = 65), /Name: 65, but kNameMax is 64/);

test("notices a word that the prose leaves out", () => {
  assert.match(checks.checkProse(asyncapi, "`hello` only").join("\n"), /does not mention zone\.draw/);
});
