import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Probe } from "../alerts/finding.ts";
import { type Looked, lookAt } from "./finding.ts";
import { ask } from "./http.ts";

/** Clocks that ours is compared with: time servers (SNTP, `host` or `host:port`) and services, by the `Date` of an answer. */
export interface Clocks {
  readonly time_servers: readonly string[];
  readonly services: readonly { readonly name: string; readonly url: string }[];
}

/** Seconds between 1900 and 1970. */
const NTP_EPOCH = 2_208_988_800;
const TIMEOUT_MS = 3_000;

/**
 * How far this machine's clock is from others: the figure is seconds, above zero when ours is ahead.
 *
 * @param limit Seconds, either way, beyond what the measuring itself leaves open.
 */
export function clockSkewProbe({ time_servers, services }: Clocks, limit: number, now: () => number): Probe {
  return {
    name: "clock-skew",
    every: 600,
    look: () =>
      Promise.all([
        ...time_servers.map((server) =>
          lookAt(server, async () => judge(server, await sntpSkew(server, now), limit)),
        ),
        ...services.map(({ name, url }) =>
          lookAt(name, async () => judge(name, await dateSkew(name, url, now), limit)),
        ),
      ]),
  };
}

/** Seconds, and how much of it may be the measuring's own. */
interface Skew {
  readonly seconds: number;
  readonly uncertainty: number;
}

function judge(name: string, { seconds, uncertainty }: Skew, limit: number): Looked {
  return {
    breached: Math.abs(seconds) - uncertainty > limit,
    summary: `this clock is ${seconds.toFixed(3)} s ahead of ${name} (measured to ${uncertainty.toFixed(3)} s); the limit is ${limit} s`,
    value: seconds,
  };
}

/** By `Date`, which counts whole seconds: what it names began up to one second before. */
async function dateSkew(name: string, url: string, now: () => number): Promise<Skew> {
  const began = now();
  const { date } = await ask(name, `${url}/health`);
  const ended = now();
  if (date === undefined) throw new UnavailableError(`${name} answers without a Date`);
  const middle = date + 500;
  return { seconds: ((began + ended) / 2 - middle) / 1000, uncertainty: ((ended - began) / 2 + 500) / 1000 };
}

/** Asks one SNTP server (RFC 4330) once. */
async function sntpSkew(server: string, now: () => number): Promise<Skew> {
  const [, host = server, port = "123"] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
  const socket = createSocket("udp4");
  let timer: NodeJS.Timeout | undefined;
  const request = Buffer.alloc(48);
  request[0] = 0x23; // version 4, client
  // The answer repeats these bytes, so that one that somebody else sends is not taken.
  const nonce = randomBytes(8);
  nonce.copy(request, 40);
  try {
    const began = now();
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const fail = (why: string) => reject(new UnavailableError(`${server} does not tell the time (${why})`));
      timer = setTimeout(() => fail("timeout"), TIMEOUT_MS);
      socket.once("error", (error) => fail(errorCode(error)));
      socket.on("message", (message) => {
        if (message.length < 48 || !message.subarray(24, 32).equals(nonce)) return;
        resolve(message);
      });
      socket.send(request, Number(port), host, (error) => error !== null && fail(errorCode(error)));
    });
    return skewOf(server, answer, began, now());
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

function skewOf(server: string, answer: Buffer, began: number, ended: number): Skew {
  const [leap, mode, stratum] = [(answer[0] ?? 0) >> 6, (answer[0] ?? 0) & 7, answer[1] ?? 0];
  if (leap === 3 || mode !== 4 || stratum === 0 || stratum > 15)
    throw new UnavailableError(`${server} does not know the time itself`);
  const received = timeAt(answer, 32);
  const sent = timeAt(answer, 40);
  const offset = (began - received + (ended - sent)) / 2;
  const delay = Math.max(0, ended - began - (sent - received));
  return { seconds: offset / 1000, uncertainty: delay / 2 / 1000 };
}

/** A 64-bit NTP timestamp in milliseconds since 1970. */
function timeAt(answer: Buffer, offset: number): number {
  const fraction = answer.readUInt32BE(offset + 4) / 2 ** 32;
  return (answer.readUInt32BE(offset) + fraction - NTP_EPOCH) * 1000;
}
