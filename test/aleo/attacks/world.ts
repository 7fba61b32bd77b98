import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AleoAccount } from "../../../src/aleo/account.ts";
import type { BuiltTransaction } from "../../../src/aleo/build.ts";
import { type AleoClient, openAleo, RejectedTransaction, type Sent } from "../../../src/aleo/client.ts";
import type { Devnode } from "../../../src/aleo/devnode.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import { rehearse } from "../../../src/aleo/rehearse.ts";
import {
  type Future,
  type Plaintext,
  parseFuture,
  parsePlaintext,
} from "../../../src/aleo/replay/plaintext.ts";
import { type AleoSdk, loadSdk } from "../../../src/aleo/sdk.ts";
import { type AleoUnderTest, needsDevnode, startAleo } from "../support.ts";

export const REGISTRY = "agent_registry_v3.aleo";
export const VERIFIER = "trust_verifier_v3.aleo";
/** The program of each name, as it is deployed. */
export const SOURCES: Readonly<Record<string, string>> = {
  [REGISTRY]: compiled("agent_registry"),
  [VERIFIER]: compiled("trust_verifier"),
};
/** What the programs make a test ledger wait, in blocks, with one to spare. */
export const WAIT = { withdrawal: 21, slash: 11, slashWindow: 41, admin: 11, upgrade: 21 } as const;

/** Somebody with an account, and what happens to what they try. */
export class Actor {
  readonly client: AleoClient;
  readonly #world: World;

  constructor(world: World, account: AleoAccount) {
    this.#world = world;
    this.client = openAleo({ ledger: world.ledger, account });
  }

  get address(): string {
    return this.client.address;
  }

  /** Sends a call that must be accepted. */
  does(program: string, name: string, ...inputs: string[]): Promise<Sent> {
    return this.client.execute(program, name, inputs);
  }

  /**
   * Tries a call that proves, and that the ledger must reject: it is sent, and rejected for the reason given, which an
   * interpreter of the program names, because the ledger names none.
   */
  async isRejected(why: RegExp, program: string, name: string, ...inputs: string[]): Promise<void> {
    const built = await this.client.build(program, name, inputs);
    const rejection = await this.#world.rejectionOf(futureOf(built));
    assert.match(rejection ?? "", why, `${name}: ${rejection ?? "the interpreter accepts it"}`);
    await rejects(this.client.resend(built));
  }

  /** As {@link isRejected}, by the interpreter alone: for the many that need no transaction each. */
  async wouldBeRejected(why: RegExp, program: string, name: string, ...inputs: string[]): Promise<void> {
    const future = await this.#world.authorize(this.client.account, program, name, inputs);
    const rejection = await this.#world.rejectionOf(future);
    assert.match(rejection ?? "", why, `${name}: ${rejection ?? "it would be accepted"}`);
  }

  /** What the interpreter says would be accepted; nothing is sent. */
  async wouldBeAccepted(program: string, name: string, ...inputs: string[]): Promise<void> {
    const future = await this.#world.authorize(this.client.account, program, name, inputs);
    assert.equal(await this.#world.rejectionOf(future), undefined, name);
  }

  /** Tries a call that has no proof: the function itself refuses its inputs, and there is nothing to send. */
  async cannotProve(program: string, name: string, ...inputs: string[]): Promise<void> {
    await assert.rejects(
      this.#world.authorize(this.client.account, program, name, inputs),
      (error: unknown) => /failed|overflow|not equal|must be/i.test(String(error)),
      `${name}(${inputs.join(", ")}) can be proven`,
    );
  }
}

/** A development ledger with both programs open, and people on it. */
export class World {
  readonly devnode: Devnode;
  readonly ledger: AleoLedger;
  readonly sdk: AleoSdk;
  readonly admin: Actor;
  readonly alice: Actor;
  readonly bob: Actor;
  readonly eve: Actor;
  readonly attestor: Actor;

  private constructor({ devnode, ledger }: AleoUnderTest, sdk: AleoSdk, accounts: readonly AleoAccount[]) {
    this.devnode = devnode;
    this.ledger = ledger;
    this.sdk = sdk;
    const [admin, alice, bob, eve, attestor] = accounts.map((account) => new Actor(this, account));
    assert.ok(admin && alice && bob && eve && attestor);
    this.admin = admin;
    this.alice = alice;
    this.bob = bob;
    this.eve = eve;
    this.attestor = attestor;
  }

  static async open(): Promise<World> {
    const aleo = await startAleo();
    const parties = await Promise.all([0, 1, 2, 3, 4].map((number) => aleo.party(number)));
    return new World(
      aleo,
      await loadSdk(),
      parties.map(({ account }) => account),
    );
  }

  /** A mapping's value, taken apart; undefined where the key has none. */
  async value(program: string, mapping: string, key: string): Promise<Plaintext | undefined> {
    const text = await this.ledger.mapping(program, mapping, key);
    return text === undefined ? undefined : parsePlaintext(text);
  }

  async entry(program: string, mapping: string, key: string): Promise<Readonly<Record<string, Plaintext>>> {
    const value = await this.value(program, mapping, key);
    assert.ok(typeof value === "object" && !Array.isArray(value), `${mapping}[${key}] is not there`);
    return value as Readonly<Record<string, Plaintext>>;
  }

  /** Credits that the registry holds, and what its totals say it holds, in microcredits. */
  async money(): Promise<{ held: bigint; accounted: bigint }> {
    const held = await this.ledger.balance(this.sdk.Address.fromProgramId(REGISTRY).to_string());
    const totals = await Promise.all(
      ["0u8", "1u8", "2u8"].map((key) => this.ledger.mapping(REGISTRY, "totals", key)),
    );
    const accounted = totals.reduce((sum, text) => sum + BigInt((text ?? "0u64").replace("u64", "")), 0n);
    return { held, accounted };
  }

  /** Evaluates a call here, as its caller, and returns what the ledger would run; nothing is sent. */
  async authorize(
    account: AleoAccount,
    program: string,
    name: string,
    inputs: readonly string[],
  ): Promise<Future> {
    return authorizeLocally(this.sdk, account, program, name, inputs);
  }

  /** Why the ledger would reject a call in the next block; undefined when it would not. */
  async rejectionOf(future: Future): Promise<string | undefined> {
    const latest = await this.ledger.latestBlock();
    const { height, timestamp } = latest.header.metadata;
    const block = { height: height + 1, timestamp: timestamp + 1, network: 1 };
    return (await rehearse(this.ledger, future, block)).rejection;
  }
}

let opening: Promise<World> | undefined;

/**
 * The one world of the tests in this folder: opening it takes a while. Each test has agents of its own, and leaves roles and
 * pauses as it found them. Skips where the ledger cannot run.
 */
export async function openWorld(context: Mocha.Context): Promise<World> {
  context.timeout(600_000);
  needsDevnode(context);
  opening ??= World.open();
  return opening;
}

after(async () => {
  const world = await opening?.catch(() => undefined);
  await world?.devnode.close();
});

/** The function's part that runs with its caller, evaluated with the programs of this repository. */
export async function authorizeLocally(
  sdk: AleoSdk,
  account: AleoAccount,
  program: string,
  name: string,
  inputs: readonly string[],
): Promise<Future> {
  const authorization = await authorizationOf(sdk, account, program, name, inputs);
  const transitions: unknown[] = authorization.transitions();
  const root: { outputs: { type: string; value: string }[] } = JSON.parse(String(transitions.at(-1)));
  return parseFuture(root.outputs.at(-1)?.value ?? "");
}

/** The signed requests of a call and of the calls in it, with their transitions. */
export function authorizationOf(
  sdk: AleoSdk,
  account: AleoAccount,
  program: string,
  name: string,
  inputs: readonly string[],
) {
  const imports = new sdk.ProgramImportsBuilder();
  if (program === VERIFIER) imports.addProgram(REGISTRY, SOURCES[REGISTRY] ?? "", 0);
  return account.withPrivateKey((key) =>
    sdk.ProgramManagerBase.buildAuthorizationUnchecked(
      key,
      SOURCES[program] ?? "",
      name,
      [...inputs],
      undefined,
      0,
      imports,
    ),
  );
}

/** The promise must end as a transaction that the ledger rejected. */
export async function rejects(sending: Promise<unknown>): Promise<void> {
  await assert.rejects(sending, RejectedTransaction);
}

function futureOf(built: BuiltTransaction): Future {
  const { execution }: { execution: { transitions: { outputs: { type: string; value: string }[] }[] } } =
    JSON.parse(built.text);
  return parseFuture(execution.transitions.at(-1)?.outputs.at(-1)?.value ?? "");
}

function compiled(name: string): string {
  return readFileSync(
    fileURLToPath(new URL(`../../../leo/${name}/build/main.aleo`, import.meta.url)),
    "utf8",
  );
}
