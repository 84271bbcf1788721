// One client per peer, by the wire as README.md describes it: what a load generator says, said once more in short.
import { WebSocket } from "ws";

/** What a client has received and nobody has looked at yet. */
class Inbox {
  #texts = [];
  #waiting = [];

  put(text) {
    if (this.#waiting.length > 0) this.#waiting.shift()(text);
    else this.#texts.push(text);
  }

  next() {
    if (this.#texts.length > 0) return Promise.resolve(this.#texts.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Opens a socket; `receive` sees its messages, from the first one on. */
function open(url, receive) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on("message", (data, isBinary) => receive(socket, isBinary ? data : data.toString()));
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

function client(socket, inbox, send) {
  return { send, next: () => inbox.next(), leave: () => socket.terminate() };
}

async function ws(port, t, echo) {
  const inbox = new Inbox();
  const socket = await open(`ws://127.0.0.1:${port}/t/${t}${echo ? "?echo=1" : ""}`, (_, text) => inbox.put(text));
  return client(socket, inbox, (text) => socket.send(text));
}

async function socketIo(port, t, echo) {
  const inbox = new Inbox();
  const joined = deferred();
  const socket = await open(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, (self, text) => {
    if (text.startsWith("0{")) self.send("40");
    else if (text.startsWith("40{")) self.send(`420["join",${JSON.stringify({ t, echo })}]`);
    else if (text === "430[]") joined.resolve();
    else if (text === "2") self.send("3");
    else if (text.startsWith('42["m",')) inbox.put(JSON.parse(text.slice(2))[1]);
    else joined.reject(new Error(`unexpected: ${text}`));
  });
  await joined.promise;
  return client(socket, inbox, (text) => socket.send(`42${JSON.stringify(["m", text])}`));
}

async function colyseus(port, t, echo) {
  const inbox = new Inbox();
  const joined = deferred();
  const answer = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/table`, {
    method: "POST",
    body: JSON.stringify({ t, echo }),
  });
  const { room, sessionId, error } = await answer.json();
  if (error) throw new Error(error);
  const url = `ws://127.0.0.1:${port}/${room.processId}/${room.roomId}?sessionId=${sessionId}`;
  const socket = await open(url, (self, data) => {
    if (data[0] === 0x0a) {
      self.send(Buffer.from([0x0a]));
      joined.resolve();
    } else if (data.subarray(0, 4).equals(Buffer.from([0x0d, 0xa1, 0x6d, 0xd9])) && data.length === 5 + data[4]) {
      inbox.put(data.toString("utf8", 5));
    } else {
      joined.reject(new Error(`unexpected: ${data.toString("hex")}`));
    }
  });
  await joined.promise;
  return client(socket, inbox, (text) => {
    const bytes = Buffer.from(text);
    socket.send(Buffer.concat([Buffer.from([0x0d, 0xa1, 0x6d, 0xd9, bytes.length]), bytes]));
  });
}

async function nats(port, t, echo) {
  const inbox = new Inbox();
  const joined = deferred();
  let unread = Buffer.alloc(0);
  const socket = await open(`ws://127.0.0.1:${port}/`, (self, data) => {
    unread = Buffer.concat([unread, data]);
    for (let end; (end = unread.indexOf("\r\n")) >= 0; ) {
      const line = unread.toString("utf8", 0, end);
      let used = end + 2;
      if (line.startsWith("INFO ")) {
        const options = { verbose: false, pedantic: false, echo, headers: false, lang: "c++", version: "1", protocol: 1 };
        self.send(Buffer.from(`CONNECT ${JSON.stringify(options)}\r\nSUB t.${t} 1\r\nPING\r\n`));
      } else if (line === "PONG") {
        joined.resolve();
      } else if (line.startsWith(`MSG t.${t} 1 `)) {
        const bytes = Number(line.split(" ")[3]);
        if (unread.length < used + bytes + 2) return;
        inbox.put(unread.toString("utf8", used, used + bytes));
        used += bytes + 2;
      } else {
        joined.reject(new Error(`unexpected: ${line}`));
      }
      unread = unread.subarray(used);
    }
  });
  await joined.promise;
  return client(socket, inbox, (text) =>
    socket.send(Buffer.from(`PUB t.${t} ${Buffer.byteLength(text)}\r\n${text}\r\n`)),
  );
}

function deferred() {
  const out = {};
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }));
  return out;
}

export const connect = { ws, "socket.io": socketIo, colyseus, nats };
