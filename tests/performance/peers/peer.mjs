// What the peers have in common: their one argument, and the line that tells that they listen.

// Libraries read it while they are loaded, so this module is imported before them.
process.env.NODE_ENV = "production";

export const host = "127.0.0.1";

/** The number after --port; 0 takes any free port. */
export function portFromArguments(args = process.argv.slice(2)) {
  const [option, value, ...rest] = args;
  const port = Number(value);
  const usable = /^\d{1,5}$/.test(value ?? "") && port < 65_536;
  if (option !== "--port" || !usable || rest.length > 0) {
    console.error(`usage: node ${process.argv[1]} --port N   (0 to 65535; 0 takes any free port)`);
    process.exit(2);
  }
  return port;
}

export function announce(name, httpServer) {
  console.log(`${name} listens on ${host}:${httpServer.address().port}`);
}

/** Ends at once, with a reason, when the port cannot be had. */
export function dieOnListenError(httpServer) {
  httpServer.on("error", (error) => {
    console.error(`cannot listen: ${error.message}`);
    process.exit(1);
  });
}
