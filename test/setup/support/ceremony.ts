import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { openKeyProvider } from "../../../src/keys/index.ts";
import {
  type Announcement,
  announceNamed,
  type Ceremony,
  contributeInPlace,
  createCeremony,
  finishCeremony,
} from "../../../src/setup/ceremony/index.ts";
import { type Small, small, temporaryFolder } from "./small.ts";

/** When the test ceremonies begin, contribute and end; the beacon is due in between. */
export const BEGIN = new Date("2026-01-01T00:00:00.000Z");
export const CONTRIBUTE = new Date("2026-01-02T00:00:00.000Z");
export const DUE = new Date("2026-02-01T00:00:00.000Z");
export const BEACON_VALUE = `0x${"5a".repeat(32)}`;
export const PEOPLE = ["Ada", "Blaise", "Émilie du Châtelet"] as const;

/** A ceremony of the small circuit, its contributors' keys, and how each step is taken at the time that suits it. */
export interface Workshop {
  readonly given: Small;
  readonly folder: string;
  readonly keys: KeyProvider;
  /** Public keys of `PEOPLE`, in their order. */
  readonly publicKeys: readonly string[];
  begin(options?: { beacon?: Announcement; contributors?: string[]; folder?: string }): Promise<Ceremony>;
  contribute(person: number, folder?: string): Promise<Ceremony>;
  finish(folder?: string): Promise<Ceremony>;
  /** A copy of a ceremony's folder, to do damage to. */
  copy(folder?: string): Promise<string>;
}

/** Name of a person's key in the keystore. */
export function keyOf(person: number): string {
  return `person-${person}`;
}

export async function openWorkshop(name = "001-small"): Promise<Workshop> {
  const given = await small();
  const root = temporaryFolder();
  const folder = join(root, name);
  const keys = openKeyProvider({
    folder: join(root, "keystore"),
    passphrase: { read: async () => "correct horse battery staple" },
    workFactor: 4,
  });
  const publicKeys: string[] = [];
  for (const [i] of PEOPLE.entries()) publicKeys.push((await keys.create(keyOf(i), "ed25519")).publicKey);
  const at = (time: Date) => (): Date => time;
  return {
    given,
    folder,
    keys,
    publicKeys,
    begin: ({ beacon, contributors = [], folder: into = folder } = {}) =>
      createCeremony({
        folder: into,
        circuit: given.circuit,
        ptau: given.ptau,
        acceptUnknownPtau: true,
        beacon: beacon ?? announceNamed("hash of the test chain's block 1,000,000", DUE),
        contributors: contributors.map((publicKey, i) => ({ name: PEOPLE[i] ?? "", publicKey })),
        now: at(BEGIN),
      }),
    contribute: (person, into = folder) =>
      contributeInPlace({
        folder: into,
        ptau: given.ptau,
        contributor: PEOPLE[person] ?? "",
        keys,
        key: keyOf(person),
        now: at(CONTRIBUTE),
      }),
    finish: (into = folder) =>
      finishCeremony({ folder: into, beacon: { value: BEACON_VALUE }, now: at(DUE) }),
    copy: async (from = folder) => {
      const to = join(root, randomBytes(4).toString("hex"), name);
      mkdirSync(join(to, ".."), { recursive: true });
      await cp(from, to, { recursive: true });
      return to;
    },
  };
}
