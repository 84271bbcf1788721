// Recorded traffic against the AsyncAPI document.
//
// A recording is JSON lines. A line is a frame, or an object that wraps one:
//
//   frame (or message, or text)   the frame: an object, an array of objects, or a string that holds the JSON of one
//   dir (or direction)            any word, as long as it means one direction throughout the file
//   viewer                        who sent or received it; only printed
//
// Other keys are ignored. Whether a message is a client's or the server's is told by its own `op` or `ev`. A line of
// {"viewer", "close": code} notes the end of a connection and carries no frame.

import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { validatorsFor } from "./documents.mjs";

const frameKeys = ["frame", "message", "text"];

export class FrameError extends Error {}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function unwrap(line) {
  const bare = { frame: line, dir: undefined, viewer: undefined };
  if (!isObject(line) || "op" in line || "ev" in line) return bare;
  const key = frameKeys.find((each) => each in line);
  if (key === undefined) {
    if ("close" in line) return undefined;
    throw new FrameError(`the line holds no frame: none of the keys ${frameKeys.join(", ")}`);
  }
  const value = line[key];
  return {
    frame: typeof value === "string" ? JSON.parse(value) : value,
    dir: line.dir ?? line.direction,
    viewer: line.viewer,
  };
}

export class FrameChecker {
  #client = validatorsFor("ClientMessage");
  #server = validatorsFor("ServerMessage");
  #serverOnly;

  /** Messages by word, such as "→ zone.draw" (from a client) and "← piece.moved". */
  counts = new Map();

  constructor({ serverOnly = false } = {}) {
    this.#serverOnly = serverOnly;
  }

  /** Words of the schemas that were never seen. */
  get unseen() {
    const words = [...this.#server.keys()].map((each) => `← ${each}`);
    if (!this.#serverOnly) words.unshift(...[...this.#client.keys()].map((each) => `→ ${each}`));
    return words.filter((each) => !this.counts.has(each));
  }

  /** Checks one frame and returns who sent it: "client" or "server". */
  frame(frame) {
    if (!Array.isArray(frame)) return this.#message(frame);
    if (frame.length === 0) throw new FrameError("an empty array is no frame");
    for (const each of frame) {
      if (this.#message(each) !== "server") throw new FrameError("only the server sends arrays of messages");
    }
    return "server";
  }

  #message(message) {
    if (!isObject(message)) throw new FrameError("a message is an object");
    const sender = "op" in message ? "client" : "server";
    const word = message.op ?? message.ev;
    const label = `${sender === "client" ? "→" : "←"} ${word}`;
    if (sender === "server" || !this.#serverOnly) {
      const forms = (sender === "client" ? this.#client : this.#server).get(word);
      if (forms === undefined) throw new FrameError(`no schema has the word ${JSON.stringify(word)}`);
      const failures = forms.filter((form) => !form.validate(message));
      if (failures.length === forms.length) throw new FrameError(explain(failures));
    }
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
    return sender;
  }

  /** Checks a file and returns how many frames it holds. The error names file, line, frame and schema path. */
  async file(path) {
    const senderOf = new Map();
    let number = 0;
    let frames = 0;
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      number += 1;
      if (text.trim() === "") continue;
      let wrapped;
      try {
        wrapped = unwrap(JSON.parse(text));
        if (wrapped === undefined) continue;
        const sender = this.frame(wrapped.frame);
        if (wrapped.dir !== undefined && (senderOf.get(wrapped.dir) ?? sender) !== sender) {
          throw new FrameError(`a frame of the ${sender} goes ${JSON.stringify(wrapped.dir)}, as the other side's do`);
        }
        if (wrapped.dir !== undefined) senderOf.set(wrapped.dir, sender);
        frames += 1;
      } catch (error) {
        if (!(error instanceof FrameError || error instanceof SyntaxError)) throw error;
        const viewer = wrapped?.viewer === undefined ? "" : `, viewer ${wrapped.viewer}`;
        throw new FrameError(`${path}:${number}${viewer}: ${error.message}\n  ${text}`);
      }
    }
    return frames;
  }
}

function explain(failures) {
  const lines = failures.flatMap(({ name, validate }) =>
    validate.errors.map((error) => {
      const detail = error.params.additionalProperty ?? error.params.allowedValue ?? error.params.allowedValues;
      const what = detail === undefined ? error.message : `${error.message}: ${JSON.stringify(detail)}`;
      return `  at ${error.instancePath || "/"}: ${what} (${name}, ${error.schemaPath})`;
    }),
  );
  return `the message does not match its schema\n${lines.join("\n")}`;
}

/** The recordings that an argument names: a file, or the *.jsonl of a directory and of those below it. */
export function recordings(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = join(path, entry.name);
      if (entry.isDirectory()) return recordings(below);
      return entry.name.endsWith(".jsonl") ? [below] : [];
    });
}
