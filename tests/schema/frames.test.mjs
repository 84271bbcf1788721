import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { FrameChecker } from "./frames.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const run = (...args) => spawnSync(process.execPath, [`${here}validate_frames.mjs`, ...args], { encoding: "utf8" });

test("recordings of every message are valid", () => {
  const { status, stdout, stderr } = run(`${here}fixtures/valid`);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^ +\d+ {2}← piece\.moved$/m);
  assert.match(stdout, /^ +\d+ {2}→ zone\.draw$/m);
});

test("the recordings hold every word of the schemas", async () => {
  const checker = new FrameChecker();
  await checker.file(`${here}fixtures/valid/every_message.jsonl`);
  assert.deepEqual(checker.unseen, []);
});

// What the complaint about each invalid recording must name.
const reasons = {
  array_from_client: /only the server sends arrays/,
  bad_piece_id: /\/data\/pieces\/0: must match pattern/,
  both_preconditions: /\/if: must NOT have additional|\/if: must match exactly one/,
  counted_move_with_piece: /must NOT have additional properties: "piece"/,
  counted_zone_with_pieces: /must NOT have additional properties: "pieces" \(ZoneCreated/,
  directions_mixed: /as the other side's do/,
  empty: /not one frame/,
  event_without_its_action: /must have required property 'id'/,
  fraction_for_integer: /\/data\/delta: must be integer/,
  hidden_roll_with_total: /must NOT have additional properties: "total"/,
  long_text: /must NOT have more than 2000 characters/,
  missing_field: /must have required property 'count'/,
  move_with_both_places: /\/data\/moves\/0: must NOT have additional properties: "index"/,
  no_frame: /holds no frame/,
  not_json: /JSON/,
  out_of_bounds: /\/data\/count: must be <= 512/,
  replay_with_state: /must NOT have additional properties: "state" \(WelcomeReplay/,
  skip_that_tells: /must NOT have additional properties: "by"/,
  unknown_error_code: /\/error\/code: must be equal to one of the allowed values/,
  unknown_event: /no schema has the word "piece\.stolen"/,
  unknown_field: /must NOT have additional properties: "face" \(ZoneDraw/,
  unknown_operation: /no schema has the word "piece\.steal"/,
  zero_byte: /\/data\/text: must match pattern/,
};

test("every invalid recording has a reason to be refused", () => {
  const files = readdirSync(`${here}fixtures/invalid`).map((each) => each.replace(/\.jsonl$/, ""));
  assert.deepEqual(files.sort(), Object.keys(reasons).sort());
});

for (const [name, reason] of Object.entries(reasons)) {
  test(`refuses ${name}`, () => {
    const file = `${here}fixtures/invalid/${name}.jsonl`;
    const { status, stderr } = run(file);
    assert.equal(status, 1);
    assert.match(stderr, reason);
    if (name !== "empty") assert.ok(stderr.includes(`${file}:`), "the complaint names the file and line");
  });
}

test("leaves clients unchecked when asked to", () => {
  assert.equal(run("--server-only", `${here}fixtures/invalid/unknown_operation.jsonl`).status, 0);
  assert.equal(run("--server-only", `${here}fixtures/invalid/unknown_event.jsonl`).status, 1);
});
