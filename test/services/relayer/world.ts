import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther, ZeroHash } from "ethers";
import { network } from "hardhat";
import type { ProofFileText } from "../../../src/chain/proof-file.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { startRelayer } from "../../../src/services/relayer/service.ts";
import { type RelayerSettings, relayerSection } from "../../../src/services/relayer/settings.ts";
import { createLog } from "../../../src/services/support/log.ts";
import type { Chain } from "../../support/contracts/chain.ts";
import { anchorNext, type BatchRef, STREAM } from "../../support/contracts/registry.ts";
import { contextOf, deploySystem, type System, subjectOf } from "../../support/contracts/system.ts";
import { LyingNode, type Upstream } from "./lying-node.ts";

export const TOKEN = "a-token-that-only-this-test-knows-0123456789";

/** A chain with every contract, and what a relayer needs to work on it. */
export interface World {
  readonly system: System;
  readonly chain: Chain;
  readonly node: Upstream;
  readonly folder: string;
  readonly keys: KeyProvider;
  /** Environment for a relayer that runs as a process of its own. */
  readonly environment: NodeJS.ProcessEnv;
  /** Makes a key; `signs` gives it SIGNER_ROLE, else it gets ether. */
  newKey(name: string, options: { signs: true } | { ether: string }): Promise<string>;
  /** A real proof about another agent in the newest batch, to be sent by this submitter. */
  prove(
    submitter: string,
    changes?: { deadline?: bigint; ref?: BatchRef; streamId?: string },
  ): Promise<ProofFileText>;
  /** Mines pending transactions, and more blocks on them. */
  mine(blocks?: number): Promise<void>;
  /** Whether transactions are mined as they come. */
  automine(on: boolean): Promise<void>;
  /** `ProofVerified` events about a proof's subject. */
  events(file: ProofFileText): Promise<number>;
  close(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const connection = await network.create();
  const chain: Chain = {
    ethers: connection.ethers,
    time: connection.networkHelpers.time,
    helpers: connection.networkHelpers,
  };
  const node: Upstream = (method, params) => connection.provider.request({ method, params: [...params] });
  const system = await deploySystem({ chain });
  const folder = mkdtempSync(join(tmpdir(), "proofx-relayer-"));
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse battery staple", { mode: 0o600 });
  writeFileSync(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
  const keysFolder = join(folder, "keys");
  const passphrase = passphraseFromFile(passphraseFile);
  const keys = openKeyProvider({ folder: keysFolder, passphrase, workFactor: 4 });
  await writeDeployment(system, node, join(folder, "deployment.json"));
  const { ref } = await anchorNext(system.registry, system.actors);
  let agents = 0;
  return {
    system,
    chain,
    node,
    folder,
    keys,
    environment: { PROOFX_KEYS: keysFolder, PROOFX_PASSPHRASE_FILE: passphraseFile },
    newKey: async (name, options) => {
      const { address = "" } = await keys.create(name, "secp256k1");
      if ("signs" in options) {
        const { verifier, actors } = system;
        await verifier.connect(actors.admin).grantRole(await verifier.SIGNER_ROLE(), address);
      } else {
        const value = parseEther(options.ether);
        await system.actors.deployer.sendTransaction({ to: address, value });
      }
      return address;
    },
    prove: async (submitter, changes = {}) => {
      const made = { ...changes, ref: changes.ref ?? ref, submitter, agent: ++agents };
      return proveFor(system, { streamId: STREAM, ...made });
    },
    mine: async (blocks = 1) => {
      for (let i = 0; i < blocks; i++) await node("evm_mine", []);
    },
    automine: async (on) => {
      await node("evm_setAutomine", [on]);
      if (on) await node("evm_mine", []);
    },
    events: async ({ claim }) => {
      const subject = subjectOf(claim.streamId, claim.agentId);
      const filter = system.verifier.filters.ProofVerified(undefined, subject);
      return (await system.verifier.queryFilter(filter)).length;
    },
    close: async () => {
      await connection.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Wanted {
  readonly ref: BatchRef;
  readonly streamId: string;
  readonly submitter: string;
  readonly agent: number;
  readonly deadline?: bigint;
}

async function proveFor(
  { verifier, chainId, echo, chain }: System,
  { ref, streamId, submitter, agent, deadline }: Wanted,
): Promise<ProofFileText> {
  const address = await verifier.getAddress();
  const until = deadline ?? BigInt(await chain.time.latest()) + 86_400n;
  const agentId = `0x${agent.toString(16).padStart(32, "0")}`;
  const { policyHash } = await verifier.policy(1);
  const context = contextOf(chainId, address, {
    circuitVersion: 1n,
    submitter,
    deadline: until,
    proofHash: ZeroHash,
  } as Parameters<typeof contextOf>[2]);
  const proof = await echo.prove([BigInt(ref.factsRoot), policyHash, subjectOf(streamId, agentId), context]);
  const claim = {
    policyId: "1",
    streamId,
    agentId,
    batchIndex: String(ref.batchIndex),
    end: String(ref.end),
    matureAt: String(ref.matureAt),
    factsRoot: ref.factsRoot,
    circuitVersion: "1",
    submitter,
    deadline: String(until),
  };
  const copy = JSON.parse(JSON.stringify(proof)) as ProofFileText["proof"];
  return { version: 1, chainId: String(chainId), verifier: address, claim, proof: copy } as ProofFileText;
}

async function writeDeployment(system: System, node: Upstream, path: string): Promise<void> {
  const genesis = (await node("eth_getBlockByNumber", ["0x0", false])) as { hash: string };
  const { actors, verifier, registry } = system;
  const at = (artifact: string, address: string) => ({
    artifact,
    address,
    constructorArgs: "0x",
    libraries: {},
    transactionHash: ZeroHash,
    blockNumber: 1,
  });
  const deployment = {
    version: 1,
    network: "local",
    chainId: String(system.chainId),
    genesisHash: genesis.hash,
    deployer: actors.deployer.address,
    settings: {
      admin: actors.admin.address,
      adminDelay: 172_800,
      timelockDelay: 0,
      guardians: [],
      signers: [],
      policyAdmins: [],
    },
    setup: { development: true, circuit: "echo", verificationKeyHash: ZeroHash },
    contracts: {
      registry: at("AnchorRegistry", await registry.getAddress()),
      verifier: at("ERC1967Proxy", await verifier.getAddress()),
    },
  };
  writeFileSync(path, JSON.stringify(deployment));
}

/** A relayer of its own in a world: own sender, own folder, own nodes. */
export interface TestRelayer {
  readonly sender: string;
  readonly nodes: readonly LyingNode[];
  readonly settings: RelayerSettings;
  readonly folder: string;
  url: string;
  post(file: unknown, key: string, token?: string): Promise<Response>;
  get(path: string): Promise<Record<string, unknown>>;
  /** Posts a proof and gives the submission's id. */
  submit(file: ProofFileText, key?: string): Promise<string>;
  /** Waits until a submission is as wanted; its view. */
  until(id: string, wanted: (view: View) => boolean): Promise<View>;
  ended(id: string): Promise<View>;
  metric(name: string): Promise<number | undefined>;
  stop(): Promise<void>;
  start(changes?: Partial<RelayerSettings>): Promise<void>;
  close(): Promise<void>;
}

export interface View {
  readonly id: string;
  readonly state: string;
  readonly waiting?: { readonly cause: string; readonly detail: string };
  readonly failure?: { readonly cause: string; readonly detail: string };
  readonly signer?: string;
  readonly transactions: {
    hash: string;
    nonce: number;
    maxFeePerGas: string;
    maxPriorityFeePerGas: string;
  }[];
  readonly landed?: { readonly transactionHash: string; readonly blockNumber: number; readonly cost: string };
}

let made = 0;

export interface RelayerOptions {
  readonly nodes?: number;
  readonly ether?: string;
  readonly settings?: Partial<RelayerSettings>;
  /** Do not start it. */
  readonly stopped?: boolean;
}

export async function makeRelayer(world: World, options: RelayerOptions = {}): Promise<TestRelayer> {
  const name = `relayer-${++made}`;
  const sender = await world.newKey(`${name}-sender`, { ether: options.ether ?? "10" });
  await world.newKey(`${name}-signer`, { signs: true });
  const nodes: LyingNode[] = [];
  for (let i = 0; i < (options.nodes ?? 1); i++) nodes.push(await LyingNode.start(world.node));
  const settings = { ...settingsOf(world, name, nodes), ...options.settings };
  const level = process.env.RELAYER_LOG === undefined ? "silent" : "debug";
  let running: Awaited<ReturnType<typeof startRelayer>> | undefined;
  const relayer: TestRelayer = {
    sender,
    nodes,
    settings,
    folder: settings.folder,
    url: "",
    ...clientOf(() => relayer.url),
    start: async (changes = {}) => {
      running = await startRelayer({ ...settings, ...changes }, createLog("relayer", level), world.keys);
      relayer.url = running.url ?? "";
    },
    stop: async () => running?.close(),
    close: async () => {
      await running?.close();
      for (const node of nodes) await node.close();
    },
  };
  if (options.stopped !== true) await relayer.start();
  return relayer;
}

function settingsOf(world: World, name: string, nodes: readonly LyingNode[]): RelayerSettings {
  const parsed = relayerSection.parse({
    http: { port: 0, stop_timeout: 2 },
    deployment: join(world.folder, "deployment.json"),
    rpc_urls: nodes.map(({ url }) => url),
    signer: `${name}-signer`,
    sender: `${name}-sender`,
    folder: join(world.folder, name),
    token_file: join(world.folder, "token"),
    max_fee_per_gas: "100",
    spending_limit: "5",
    min_balance: "0.1",
    confirmations: 1,
    rpc_timeout: 1,
  });
  // Shorter than an operator may set it, so that tests are quick.
  return { ...parsed, poll: 0.03 };
}

type Client = Pick<TestRelayer, "post" | "get" | "submit" | "until" | "ended" | "metric">;

/** Speaks to a relayer as a client does. */
function clientOf(url: () => string): Client {
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` });
  const client: Client = {
    post: (file, key, token = TOKEN) =>
      fetch(`${url()}/v1/submissions`, {
        method: "POST",
        body: JSON.stringify(file),
        headers: { "content-type": "application/json", ...authorization(token), "idempotency-key": key },
      }),
    get: async (path) => {
      const answer = await fetch(`${url()}${path}`, { headers: authorization(TOKEN) });
      return (await answer.json()) as Record<string, unknown>;
    },
    submit: async (file, key = `key-${Math.random()}`) => {
      const answer = await client.post(file, key);
      const body = (await answer.json()) as { id: string };
      if (answer.status !== 202)
        throw new Error(`the relayer answered ${answer.status}: ${JSON.stringify(body)}`);
      return body.id;
    },
    until: async (id, wanted) => {
      for (let i = 0; ; i++) {
        const view = (await client.get(`/v1/submissions/${id}`)) as unknown as View;
        if (wanted(view)) return view;
        if (i > 600) throw new Error(`still not as wanted: ${JSON.stringify(view)}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    ended: (id) => client.until(id, ({ state }) => ["final", "failed", "cancelled"].includes(state)),
    metric: async (metric) => {
      const text = await (await fetch(`${url()}/metrics`)).text();
      const line = text.split("\n").find((each) => each.startsWith(`proofx_relayer_${metric}`));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    },
  };
  return client;
}
