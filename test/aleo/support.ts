import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type AleoAccount,
  type AleoClient,
  type AleoLedger,
  AleoProgram,
  accountOfPrivateKey,
  agentRegistry,
  type Devnode,
  type DevnodeOptions,
  findDevnode,
  openAleo,
  openLedger,
  programSource,
  startDevnode,
  trustVerifier,
} from "../../src/aleo/index.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { skipFor } from "../support/needs.ts";

const PREPARED = resolve(import.meta.dirname, "../../build/aleo-ledgers");

/** One funded account with both programs. */
export interface Party {
  readonly account: AleoAccount;
  readonly address: string;
  readonly client: AleoClient;
  readonly registry: AleoProgram<typeof agentRegistry>;
  readonly verifier: AleoProgram<typeof trustVerifier>;
}

export interface AleoTestOptions extends DevnodeOptions {
  /** Leave the migration of both programs open, as it is after a deployment; until it is closed, nobody can register. */
  readonly migrating?: boolean;
}

/** A development ledger of a test file. */
export interface AleoUnderTest extends AsyncDisposable {
  readonly devnode: Devnode;
  readonly ledger: AleoLedger;
  /** Deployed both programs, and so is the admin of both. */
  readonly admin: Party;
  /** Funded accounts 1 to 7, each another; 0 is the admin. */
  party(number: number): Promise<Party>;
  close(): Promise<void>;
}

/** Skips the test or the group, loudly, where the development ledger cannot run. In a `before` hook or a test. */
export function needsDevnode(context: Mocha.Context): void {
  try {
    findDevnode();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    skipFor(context, { command: "aleo-devnode", install: "npx proofx aleo runtime" });
  }
}

/**
 * Starts a development ledger with both programs on it. Close it in an `after` hook.
 *
 * Every transaction takes one to five seconds, so a file starts one ledger and its tests share it, each with agents of its own.
 */
export async function startAleo(options: AleoTestOptions = {}): Promise<AleoUnderTest> {
  const { migrating = false, ...rest } = options;
  const own = rest.storage === undefined ? mkdtempSync(join(tmpdir(), "proofx-aleo-")) : undefined;
  const storage = rest.storage ?? join(own ?? "", "ledger");
  const forget = () => {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  };
  try {
    if (!existsSync(storage)) cpSync(await preparedLedger(migrating), storage, { recursive: true });
    const devnode = await startDevnode({ ...rest, storage });
    const close = async () => {
      await devnode.close();
      forget();
    };
    const under = await underTest(devnode).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { ...under, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    forget();
    throw error;
  }
}

/**
 * Folder of a ledger with both programs deployed, made once for each version of them: two deployments take half a minute on a
 * busy machine. Processes that need it at the same time make it side by side, and the first one's stays.
 */
async function preparedLedger(migrating: boolean): Promise<string> {
  const sources = [programSource(agentRegistry), programSource(trustVerifier)];
  const version = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16);
  const place = join(PREPARED, `${version}-${migrating ? "migrating" : "closed"}`);
  if (existsSync(place)) return place;
  mkdirSync(PREPARED, { recursive: true });
  const unfinished = mkdtempSync(join(PREPARED, "unfinished-"));
  try {
    const storage = join(unfinished, "ledger");
    const devnode = await startDevnode({ storage });
    try {
      const { admin } = await underTest(devnode);
      for (const program of [admin.registry, admin.verifier]) await program.deploy();
      if (!migrating) {
        await admin.registry.execute("close_migration", {});
        await admin.verifier.execute("close_migration", {});
      }
    } finally {
      await devnode.close();
    }
    if (!existsSync(place)) renameSync(storage, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return place;
}

async function underTest(
  devnode: Devnode,
): Promise<Omit<AleoUnderTest, "close" | typeof Symbol.asyncDispose>> {
  const ledger = openLedger(devnode.url);
  const parties = new Map<number, Promise<Party>>();
  const party = (number: number): Promise<Party> => {
    const known = parties.get(number) ?? openParty(ledger, devnode.accounts[number]);
    parties.set(number, known);
    return known;
  };
  return { devnode, ledger, party, admin: await party(0) };
}

async function openParty(ledger: AleoLedger, key: string | undefined): Promise<Party> {
  if (key === undefined) throw new Error("a development ledger's funded accounts are 0 to 7");
  const account = await accountOfPrivateKey(key);
  const client = openAleo({ ledger, account });
  return {
    account,
    address: account.address,
    client,
    registry: new AleoProgram(client, agentRegistry),
    verifier: new AleoProgram(client, trustVerifier),
  };
}
