import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { connect } from "./clients.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const programs = {
  ws: [process.execPath, "ws.mjs"],
  "socket.io": [process.execPath, "socketio.mjs"],
  colyseus: [process.execPath, "colyseus.mjs"],
  nats: ["./nats"],
};
const natsIsThere = spawnSync("nats-server", ["--version"]).status === 0;

/** Starts a peer on a free port, which it names in the line that says that it listens. */
async function start(name) {
  const [program, ...args] = programs[name];
  const peer = spawn(program, [...args, "--port", "0"], { cwd: here, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const port = await new Promise((resolve, reject) => {
    const look = (data) => {
      said += data;
      const [, found] = said.match(/(?:listens on |websocket clients on ws:\/\/)127\.0\.0\.1:(\d+)/) ?? [];
      if (found !== undefined) resolve(Number(found));
    };
    peer.stdout.on("data", look);
    peer.stderr.on("data", look);
    peer.on("error", reject);
    peer.on("exit", (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      peer.removeAllListeners("exit");
      peer.on("exit", resolve);
      peer.kill("SIGTERM");
    });
  return { port, stop, said: () => said };
}

/** As long as those of the comparison, with what JSON has to escape and UTF-8 has to spell. */
const text = (what) => JSON.stringify({ op: "presence", what, "Zoë": "♠", pad: "x".repeat(80) });

for (const [name, join] of Object.entries(connect)) {
  const skip = name === "nats" && !natsIsThere ? "nats-server is not installed" : false;
  test(`${name} delivers to the others of a table, and to the sender who wants it`, { skip, timeout: 30_000 }, async (t) => {
    const peer = await start(name);
    t.after(() => peer.stop());
    const [quiet, other, echoing, stranger, neighbour] = await Promise.all([
      join(peer.port, 1, false),
      join(peer.port, 1, false),
      join(peer.port, 1, true),
      join(peer.port, 2, false),
      join(peer.port, 2, false),
    ]);
    const saidWhenAllHadCome = peer.said();

    quiet.send(text("first"));
    assert.equal(await other.next(), text("first"));
    assert.equal(await echoing.next(), text("first"));

    echoing.send(text("second"));
    assert.equal(await other.next(), text("second"));
    assert.equal(await echoing.next(), text("second"), "with echo, the sender gets it too");
    assert.equal(await quiet.next(), text("second"), "without echo, the sender does not get its own first one");

    neighbour.send(text("third"));
    assert.equal(await stranger.next(), text("third"), "another table has heard nothing until its own message");

    other.leave();
    quiet.send(text("fourth"));
    assert.equal(await echoing.next(), text("fourth"), "who stays is served when somebody has left");
    assert.equal(peer.said(), saidWhenAllHadCome, "no word per message");
    for (const each of [quiet, echoing, stranger, neighbour]) each.leave();
  });

  test(`${name} refuses a port that is none`, { skip }, () => {
    const [program, ...args] = programs[name];
    for (const wrong of [[], ["--port"], ["--port", "70000"], ["--port", "x"], ["--prot", "1"]]) {
      const { status, stderr } = spawnSync(program, [...args, ...wrong], { cwd: here, encoding: "utf8", timeout: 20_000 });
      assert.equal(status, 2, wrong.join(" "));
      assert.match(stderr, /usage: .*--port N/);
    }
  });
}
