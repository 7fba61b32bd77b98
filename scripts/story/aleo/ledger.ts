import { randomBytes } from "node:crypto";
import { argv, exit, stdout } from "node:process";
import {
  type AleoClient,
  AleoProgram,
  accountOfPrivateKey,
  agentField,
  agentRegistry,
  aleoAccount,
  type Devnode,
  openAleo,
  startDevnode,
  trustVerifier,
} from "../../../src/aleo/index.ts";
import { uintFromBytes } from "../../../src/core/bytes.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { PATHS } from "../context.ts";
import { ALEO_KEY, type AleoTold } from "./told.ts";

// A process of the story's own, beside its steps: building a transaction holds up everything else in its process.

const STAKE = 2_000_000n;
const ALLOWANCE = 20_000_000n;
/** What the agent measured of itself; it stays on this side. */
const METRICS = { accuracy_rate: 9_000, success_rate: 8_500, avg_latency_ms: 250, total_executions: 1_000 };
/** Ten-thousandths. */
const CONFIDENCE = 8_500;

/** A development ledger with both programs, and the agent's account with credits on it. */
async function openAgent(devnode: Devnode): Promise<AleoClient> {
  const keys = openKeyProvider({
    folder: PATHS.keys,
    passphrase: passphraseFromFile(PATHS.passphrase),
    workFactor: 10,
  });
  await keys.create(ALEO_KEY, "aleo");
  const agent = openAleo({ ledger: devnode.url, account: await aleoAccount(keys, ALEO_KEY) });
  // Its key is known to everybody, as those of every development ledger.
  const admin = openAleo({
    ledger: devnode.url,
    account: await accountOfPrivateKey(devnode.accounts[0] ?? ""),
  });
  const [registry, verifier] = [new AleoProgram(admin, agentRegistry), new AleoProgram(admin, trustVerifier)];
  await registry.deploy();
  await verifier.deploy();
  await registry.execute("close_migration", {});
  await verifier.execute("close_migration", {});
  await admin.execute("credits.aleo", "transfer_public", [agent.address, `${ALLOWANCE}u64`]);
  return agent;
}

async function tell(devnode: Devnode, agentId: string): Promise<AleoTold> {
  const client = await openAgent(devnode);
  const agent = agentField(agentId);
  const random = (): bigint => uintFromBytes(randomBytes(31));
  const registry = new AleoProgram(client, agentRegistry);
  const verifier = new AleoProgram(client, trustVerifier);
  const salt = random();
  const registered = await registry.execute("register_agent", {
    agent,
    metrics: METRICS,
    salt,
    stake: STAKE,
  });
  const execution_id = random();
  const executed = await verifier.execute("verify_execution", {
    agent,
    execution_id,
    input_hash: random(),
    output_hash: random(),
    salt: random(),
    confidence: CONFIDENCE,
  });
  const record = await registry.mapping("agents", agent);
  const execution = await verifier.mapping("executions", execution_id);
  return {
    url: devnode.url,
    address: client.address,
    registration: registered.id,
    execution: executed.id,
    score: record?.score ?? 0,
    stake: String(record?.stake ?? 0n),
    trust: execution?.trust ?? 0,
  };
}

const devnode = await startDevnode();
const close = (): void => void devnode.close().finally(() => exit(0));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, close);
try {
  stdout.write(`${JSON.stringify(await tell(devnode, argv[2] ?? ""))}\n`);
  await devnode.ended;
} finally {
  await devnode.close();
}
