import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkpointText,
  LogTree,
  parseVerifierKey,
  SIGNATURE_TYPE,
  type SignedNote,
  signNote,
  type VerifierKey,
  verifierKey,
  witnessRequestText,
} from "../../../src/core/log/index.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { createLog } from "../../../src/services/support/log.ts";
import type { RunningService } from "../../../src/services/support/run.ts";
import { startWitness, witnessVerifierKey } from "../../../src/services/witness/service.ts";
import { witnessSection } from "../../../src/services/witness/settings.ts";
import { bytes32, signerOf } from "../../core/log/support.ts";

export const ORIGIN = "log.example/399cd60b39a2c65ab8a50de811a4d2a8efa8e191961a8fbd9bcc21174b0dd731";
export const LOG_SIGNER = { name: ORIGIN, ...signerOf(bytes32(0x106)) };
export const LOG_VKEY = verifierKey({
  name: ORIGIN,
  publicKey: LOG_SIGNER.publicKey,
  type: SIGNATURE_TYPE.note,
});

/** An honest history of 40 entries, and one that has another entry 5. */
export const HONEST = new LogTree(Array.from({ length: 40 }, (_, i) => bytes32(i)));
export const FORKED = new LogTree(Array.from({ length: 40 }, (_, i) => bytes32(i === 5 ? 999 : i)));

/** A log's signed head. */
export function head(tree: LogTree, size: number, signer = LOG_SIGNER, origin = ORIGIN): Promise<SignedNote> {
  return signNote(checkpointText({ origin, size: BigInt(size), root: tree.root(size) }), [signer]);
}

/** A request's body with the proof that the tree gives. */
export async function body(tree: LogTree, from: number, to: number): Promise<string> {
  const proof = from > 0 && from < to ? tree.consistencyPath(from, to) : [];
  return witnessRequestText({ oldSize: BigInt(from), proof, note: await head(tree, to) });
}

export interface TestWitness {
  readonly folder: string;
  readonly stateFolder: string;
  readonly keys: KeyProvider;
  readonly vkey: VerifierKey;
  /** Environment for a witness that runs as a process of its own. */
  readonly environment: NodeJS.ProcessEnv;
  url: string;
  /** Milliseconds since the epoch; what the witness takes for now. */
  clock: number;
  post(text: string | Uint8Array, headers?: Record<string, string>): Promise<Response>;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A witness of one log, with a keystore of its own. */
export async function makeWitness({ started = true } = {}): Promise<TestWitness> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-witness-"));
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse battery staple", { mode: 0o600 });
  const keysFolder = join(folder, "keys");
  const keys = openKeyProvider({
    folder: keysFolder,
    passphrase: passphraseFromFile(passphraseFile),
    workFactor: 4,
  });
  await keys.create("witness", "ed25519");
  const stateFolder = join(folder, "state");
  const settings = witnessSection.parse({
    name: "witness.example/w1",
    folder: stateFolder,
    logs: [{ origin: ORIGIN, keys: [LOG_VKEY] }],
    http: { port: 0, stop_timeout: 1 },
  });
  let running: RunningService | undefined;
  const one: TestWitness = {
    folder,
    stateFolder,
    keys,
    vkey: parseVerifierKey(await witnessVerifierKey(settings, keys)),
    environment: { PROOFX_KEYS: keysFolder, PROOFX_PASSPHRASE_FILE: passphraseFile },
    url: "",
    clock: 1_800_000_000_000,
    post: (text, headers = {}) =>
      fetch(`${one.url}/add-checkpoint`, {
        method: "POST",
        body: text as NonNullable<RequestInit["body"]>,
        headers,
      }),
    start: async () => {
      running = await startWitness(settings, createLog("witness", "silent"), keys, () => one.clock);
      one.url = running.url ?? "";
    },
    stop: async () => {
      await running?.close();
      running = undefined;
    },
    close: async () => {
      await one.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (started) await one.start();
  return one;
}
