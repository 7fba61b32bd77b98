import { readFileSync, writeFileSync } from "node:fs";
import { type CommandResult, expectOk, type Operator, settingsFor, startOperator } from "./cli.ts";

export const TENANT = "7e4a0000-0000-4000-8000-00000000000a";
export const AGENT = "a9e40000-0000-4000-8000-00000000000a";

/** Every duty has a key of its own; the thief has one, too. */
const NAMES = [
  "deployer",
  "admin",
  "guardian",
  "signer",
  "policy-admin",
  "anchorer",
  "anchorer-2",
  "submitter",
  "thief",
] as const;

/** An operator whose deployment attests: policies are registered, an agent has a key. */
export interface AttestingOperator extends Operator {
  /** Types a line with `--network local`, which has to succeed. */
  onChain(line: string): Promise<CommandResult>;
  /** Opens a stream; its store's UUID names it from then on. */
  openStream(store: string, maturity?: number): Promise<string>;
  /**
   * Signs one event with facts, anchors it alone in the store's next batch, and writes `@BATCH.json` and `@BATCH.facts.json`.
   * Returns the event's id.
   */
  anchorEvent(event: AnchoredEvent): Promise<string>;
  /** Lets the chain's clock go on. */
  pass(seconds: number): Promise<void>;
  /** Transactions an account has sent. */
  sent(name: string): Promise<number>;
  json<T>(name: string): T;
}

export interface AnchoredEvent {
  readonly store: string;
  /** Name of the batch file. */
  readonly batch: string;
  /** Name of the stream's batch file before. */
  readonly previous?: string;
  readonly amount: string;
  readonly key?: string;
}

/** Deploys and registers the AML threshold (policy 1: amounts below 10,000 in category 2). */
export async function startAttestingOperator(
  settings: Record<string, string> = {},
): Promise<AttestingOperator> {
  const operator = await startOperator({ accounts: NAMES, agents: ["agent"] });
  const json = <T>(name: string): T => JSON.parse(readFileSync(operator.path(name), "utf8")) as T;
  const onChain = async (line: string): Promise<CommandResult> => {
    const result = await operator.type(`${line} --network local`);
    expectOk(result);
    return result;
  };
  writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts, settings));
  const agentKey = { agentId: AGENT, keyId: 1, publicKey: operator.agents.agent };
  writeFileSync(operator.path("agents.json"), JSON.stringify([agentKey]));
  await onChain("deploy --settings @deploy.toml --key deployer");
  await onChain("policy register --policy config/policies/aml-threshold.toml --key policy-admin");
  let events = 0;
  return {
    ...operator,
    onChain,
    json,
    openStream: async (store, maturity = 0) => {
      const open = `stream open --tenant ${TENANT} --store ${store} --anchorer #anchorer --maturity ${maturity}`;
      return (await onChain(`${open} --key admin --json`)).json<{ streamId: string }>().streamId;
    },
    anchorEvent: async ({ store, batch, previous, amount, key = "anchorer" }) => {
      const id = `e0000000-0000-4000-8000-${String(++events).padStart(12, "0")}`;
      const facts = { amounts: [amount, "0", "0", "0"], category: 2 };
      writeFileSync(operator.path(`${batch}.draft.json`), JSON.stringify(draft(store, id)));
      expectOk(await operator.type(`facts commit --in - --out @${batch}.facts.json`, JSON.stringify(facts)));
      const files = `--draft @${batch}.draft.json --out @${batch}.ndjson --facts @${batch}.facts.json`;
      expectOk(await operator.type(`event sign ${files} --key agent`));
      const after = previous === undefined ? "" : ` --previous @${previous}.json`;
      const anchor = `batch anchor --events @${batch}.ndjson --agents @agents.json --out @${batch}.json`;
      await onChain(`${anchor}${after} --key ${key}`);
      return id;
    },
    pass: async (seconds) => {
      await operator.provider.send("evm_increaseTime", [seconds]);
      await operator.provider.send("evm_mine", []);
    },
    sent: (name) => operator.provider.getTransactionCount(operator.accounts[name] ?? ""),
  };
}

function draft(store: string, id: string): object {
  return {
    tenant_id: TENANT,
    store_id: store,
    source_agent_id: AGENT,
    event_id: id,
    entity_type: "payment",
    entity_id: "p-1",
    event_type: "payment.sent",
    payload: {},
  };
}
