#!/usr/bin/env node
// usage: validate_frames.mjs [--server-only] FILE…|DIR…
//
// Validates every message of recorded traffic (frames.mjs says what a recording looks like) against docs/asyncapi.json
// and prints how many there were of each kind. --server-only leaves the clients' messages unchecked, for recordings in
// which clients misbehave on purpose. Exits with 1 at the first message that does not fit, or if there is none at all.

import { parseArgs } from "node:util";
import { FrameChecker, FrameError, recordings } from "./frames.mjs";

const { values, positionals } = parseArgs({
  options: { "server-only": { type: "boolean", default: false } },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error("usage: validate_frames.mjs [--server-only] FILE…|DIR…");
  process.exit(2);
}

const checker = new FrameChecker({ serverOnly: values["server-only"] });
try {
  const files = positionals.flatMap(recordings);
  let frames = 0;
  for (const file of files) frames += await checker.file(file);
  if (frames === 0) throw new FrameError("there is not one frame to validate");
  for (const [word, count] of [...checker.counts].sort()) console.log(`${String(count).padStart(9)}  ${word}`);
  console.log(`${frames} frames in ${files.length} files are valid`);
  if (checker.unseen.length > 0) console.log(`not seen: ${checker.unseen.join(", ")}`);
} catch (error) {
  if (!(error instanceof FrameError) && error.code !== "ENOENT") throw error;
  console.error(error.message);
  process.exit(1);
}
