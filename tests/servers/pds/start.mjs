// Starts a directory (PLC) and a PDS, prints one line of JSON when both answer, ends when stdin closes:
// a parent that dies, however it dies, takes its server with it.
import net from "node:net";

// The servers bind every interface by themselves; tests are nobody else's business.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number") {
    return listen.call(this, { port: first, host: "127.0.0.1" }, ...rest.filter((one) => typeof one === "function"));
  }
  return listen.call(this, typeof first === "object" ? { ...first, host: "127.0.0.1" } : first, ...rest);
};

// A client that hangs up in the middle of an answer must not end the server for all others.
for (const kind of ["uncaughtException", "unhandledRejection"]) {
  process.on(kind, (error) => console.error(kind, error));
}

// Imported only now, so that nothing keeps an older `listen`.
const { TestPds, TestPlc } = await import("@atproto/dev-env");

const jwtSecret = process.env.PDS_JWT_SECRET;
const plc = await TestPlc.create({});
const pds = await TestPds.create({ didPlcUrl: plc.url, ...(jwtSecret ? { jwtSecret } : {}) });
process.stdout.write(`${JSON.stringify({ pds: pds.port, plc: plc.port })}\n`);

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(1), 5000).unref();
  await pds.close();
  await plc.close();
  process.exit(0);
}
process.stdin.on("end", end).on("close", end).resume();
process.on("SIGTERM", end);
process.on("SIGINT", end);
