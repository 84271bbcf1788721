// A broadcast server in Colyseus: a room without state per table; what one sends, all others get.
import { announce, dieOnListenError, host, portFromArguments } from "./peer.mjs";
import { createServer } from "node:http";
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

class Table extends Room {
  onCreate() {
    // There is no state whose changes would have to be looked for twenty times a second.
    this.patchRate = null;
    this.onMessage("m", (client, payload) => {
      if (client.userData.echo) this.broadcast("m", payload);
      else this.broadcast("m", payload, { except: client });
    });
  }

  onJoin(client, { echo }) {
    client.userData = { echo };
  }
}

const httpServer = createServer();
dieOnListenError(httpServer);
const server = new Server({
  greet: false,
  transport: new WebSocketTransport({ server: httpServer, perMessageDeflate: false }),
});
server.define("table", Table).filterBy(["t"]);
await server.listen(portFromArguments(), host);
announce("colyseus", httpServer);
