// A broadcast server in Socket.IO: a room per table, joined by the first event.
import { announce, dieOnListenError, host, portFromArguments } from "./peer.mjs";
import { createServer } from "node:http";
import { Server } from "socket.io";

const httpServer = createServer();
dieOnListenError(httpServer);
const io = new Server(httpServer, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });

io.on("connection", (socket) => {
  // The answer is for who asks for one; a message that follows the join needs no wait.
  socket.once("join", ({ t, echo }, answer) => {
    const room = `t.${t}`;
    socket.join(room);
    socket.on("m", (payload) => {
      if (echo) io.to(room).emit("m", payload);
      else socket.to(room).emit("m", payload);
    });
    answer?.();
  });
});

httpServer.listen(portFromArguments(), host, () => announce("socket.io", httpServer));
