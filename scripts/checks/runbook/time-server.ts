import { createSocket } from "node:dgram";

/** Seconds between 1900 and 1970. */
const NTP_EPOCH = 2_208_988_800;
/** No warning, version 4, server; stratum 1. */
const HEADER = [0x24, 1];

/** A time server (SNTP, RFC 4330) of another opinion than this machine's clock. */
export interface TimeServer {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** @param ahead Seconds that its clock is ahead of this machine's. */
export async function startTimeServer(ahead: number): Promise<TimeServer> {
  const socket = createSocket("udp4");
  socket.on("message", (asked, { port, address }) => {
    const answer = Buffer.alloc(48);
    answer.set(HEADER);
    // What the client sent, so that it knows the answer for its own.
    asked.copy(answer, 24, 40, 48);
    const now = Date.now() / 1000 + ahead + NTP_EPOCH;
    for (const offset of [32, 40]) {
      answer.writeUInt32BE(Math.floor(now), offset);
      answer.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), offset + 4);
    }
    socket.send(answer, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() };
}
