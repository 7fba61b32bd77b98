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
  startDevnode,
  trustVerifier,
} from "../../src/aleo/index.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { skipFor } from "../support/needs.ts";

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
  const devnode = await startDevnode(options);
  try {
    const ledger = openLedger(devnode.url);
    const parties = new Map<number, Promise<Party>>();
    const party = (number: number): Promise<Party> => {
      const known = parties.get(number) ?? openParty(ledger, devnode.accounts[number]);
      parties.set(number, known);
      return known;
    };
    const admin = await party(0);
    if ((await ledger.edition(agentRegistry.id)) === undefined) {
      await admin.registry.deploy();
      await admin.verifier.deploy();
    }
    if (options.migrating !== true && (await admin.registry.mapping("migration", true)) === true) {
      await admin.registry.execute("close_migration", {});
      await admin.verifier.execute("close_migration", {});
    }
    const close = () => devnode.close();
    return { devnode, ledger, admin, party, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await devnode.close();
    throw error;
  }
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
