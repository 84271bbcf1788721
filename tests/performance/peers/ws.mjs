// A broadcast server in `ws`: what a client of /t/<n> sends goes to everybody else there, as it came.
import { announce, dieOnListenError, host, portFromArguments } from "./peer.mjs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

/** By path. A table lives as long as somebody is at it. */
const tables = new Map();

const httpServer = createServer();
dieOnListenError(httpServer);
// The library's own set of all clients would be a second home for what `tables` knows.
const sockets = new WebSocketServer({ server: httpServer, perMessageDeflate: false, clientTracking: false });

sockets.on("connection", (socket, request) => {
  const [path, query] = request.url.split("?");
  const echo = query === "echo=1";
  if (!tables.has(path)) tables.set(path, new Set());
  const table = tables.get(path);
  table.add(socket);
  socket.on("message", (data, isBinary) => {
    for (const other of table) {
      if (echo || other !== socket) other.send(data, { binary: isBinary });
    }
  });
  socket.on("close", () => {
    table.delete(socket);
    if (table.size === 0) tables.delete(path);
  });
  // The close that follows says all.
  socket.on("error", () => {});
});

httpServer.listen(portFromArguments(), host, () => announce("ws", httpServer));
