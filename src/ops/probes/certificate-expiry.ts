import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Probe } from "../alerts/finding.ts";
import { lookAt } from "./finding.ts";

/** A certificate, in a PEM file or as a server shows it. */
export type WatchedCertificate =
  | { readonly name: string; readonly file: string }
  | { readonly name: string; readonly address: string };

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 10_000;

/**
 * Days until certificates end; in a chain the first to end counts. Whether clients trust them is not looked at.
 *
 * @param days Below so many it is told.
 */
export function certificateExpiryProbe(
  certificates: readonly WatchedCertificate[],
  days: number,
  now: () => number,
): Probe {
  return {
    name: "certificate-expiry",
    every: 3_600,
    look: () =>
      Promise.all(
        certificates.map((certificate) =>
          lookAt(certificate.name, async () => {
            const chain =
              "file" in certificate
                ? await readChain(certificate.file)
                : await shownChain(certificate.address);
            const ends = chain.map(({ validTo }) => Date.parse(validTo));
            const end = Math.min(...ends);
            const left = (end - now()) / DAY_MS;
            const when = new Date(end).toISOString();
            return {
              breached: left < days,
              summary: `${certificate.name} ${left < 0 ? "ended" : "ends"} ${when}, ${left.toFixed(1)} days from now; told below ${days}`,
              value: left,
              details: {
                subject: chain[ends.indexOf(end)]?.subject.replaceAll("\n", ", ") ?? "",
                ends: when,
              },
            };
          }),
        ),
      ),
  };
}

async function readChain(file: string): Promise<X509Certificate[]> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch {
    // Said below.
  }
  throw new UnavailableError(`${file} holds no certificate in PEM`);
}

/** The server's own certificate and what it sends along, none of them verified: one that ended must be seen, too. */
async function shownChain(address: string): Promise<X509Certificate[]> {
  const { hostname, port } = new URL(`https://${address}`);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new UnavailableError(`${address} shows no certificate (${why})`));
    const socket = connect({
      host,
      port: Number(port === "" ? "443" : port),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(Object.assign(new Error(), { code: "timeout" })));
    socket.once("error", (error) => fail(errorCode(error)));
    socket.once("secureConnect", () => {
      const chain: X509Certificate[] = [];
      let next = socket.getPeerX509Certificate();
      for (; next !== undefined && chain.length < 10; next = next.issuerCertificate) chain.push(next);
      socket.destroy();
      if (chain.length === 0) fail("none was sent");
      else resolve(chain);
    });
  });
}
