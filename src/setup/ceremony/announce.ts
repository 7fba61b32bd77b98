import { InputError } from "../../core/errors.ts";
import { type DrandChain, drandChainHash, drandRoundAt, drandRoundTime, QUICKNET } from "./drand.ts";
import type { Announcement } from "./record.ts";

/** Hashes of a beacon are there to slow down whoever could choose it in the last second; 2^10 is snarkjs's usual. */
export const DEFAULT_ITERATIONS_EXP = 10;

/** Announces the first round of a drand chain that is due at a time or after it. */
export function announceDrand(
  notBefore: Date,
  iterationsExp: number = DEFAULT_ITERATIONS_EXP,
  chain: DrandChain = QUICKNET,
): Announcement {
  return announceDrandRound(drandRoundAt(chain, notBefore.getTime()), iterationsExp, chain);
}

/** Announces a round of a drand chain. */
export function announceDrandRound(
  round: number,
  iterationsExp: number = DEFAULT_ITERATIONS_EXP,
  chain: DrandChain = QUICKNET,
): Announcement {
  const due = drandRoundTime(chain, round);
  if (!Number.isSafeInteger(round) || round < 1 || due >= 253_402_300_800_000) {
    throw InputError.expected("beacon round", "a round before the year 10000", round);
  }
  return {
    kind: "drand",
    chainHash: drandChainHash(chain),
    chain,
    round,
    iterationsExp,
    notBefore: new Date(due).toISOString(),
  };
}

/** Announces public randomness in words, for what no signature proves. */
export function announceNamed(
  source: string,
  notBefore: Date,
  iterationsExp: number = DEFAULT_ITERATIONS_EXP,
): Announcement {
  return { kind: "named", source, iterationsExp, notBefore: notBefore.toISOString() };
}

/** One line for people and for the transcript. */
export function describeAnnouncement(announced: Announcement): string {
  if (announced.kind === "named") return announced.source;
  const { chainHash, chain, round } = announced;
  return `drand round ${round} of chain ${chainHash.slice(2)} (${chain.beaconId})`;
}

/** What a reader must still do or know about a beacon that the records cannot show; empty for the public drand chain. */
export function remarksOnBeacon(announced: Announcement): string[] {
  if (announced.kind === "named") {
    return [`look the beacon's value up: ${announced.source}. No signature proves it`];
  }
  if (announced.chainHash === drandChainHash(QUICKNET)) return [];
  return [
    `drand chain ${announced.chainHash.slice(2)} is not the public quicknet: whoever runs it chose the beacon`,
  ];
}
