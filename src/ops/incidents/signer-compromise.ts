import { getAddress } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import {
  type ChangeContext,
  distrustSigner,
  GRANTABLE_ROLES,
  grantRole,
  revokeRole,
} from "../../chain/changes/index.ts";
import { connect } from "../../chain/contracts.ts";
import { contractOf } from "../../chain/deployment.ts";
import { logsOf } from "../../chain/logs.ts";
import { roleHash } from "../../chain/roles.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { type Verdict, verdicts } from "./history.ts";
import { proveAgainRecord, whoMustProveAgain } from "./prove-again.ts";
import type { IncidentState } from "./state.ts";
import type { Hands, IncidentStep, StepRecord } from "./step.ts";

/** Scenario A of the playbook: a signer's key is in other hands. */
export interface SignerCompromise {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  /** The compromised signer's address. */
  readonly signer: string;
  /** First block whose attestations are doubted; without it, that of the first verdict from an unknown sender. */
  readonly sinceBlock: number | undefined;
  /** Accounts that send submissions for us; a verdict that somebody else sent is suspicious. */
  readonly knownSenders: readonly string[];
  /** Where the new key is made, and its name. */
  readonly keys: KeyProvider;
  readonly newKey: string;
  /** Lets the relayer vouch with the new key; undefined when no relayer runs. */
  readonly switchRelayer: ((keyName: string, address: string) => Promise<StepRecord>) | undefined;
}

/**
 * The steps. Revoking comes first: it needs nothing but the signer, and reading a long history would leave the thief as
 * long. Neither it nor what is found waits for the other.
 */
export function signerCompromise(incident: SignerCompromise): IncidentStep[] {
  const { context, hands, state, signer } = incident;
  const since = () => BigInt(String(state.steps.identify?.data.since));
  const finishedAt = (id: string) => state.steps[id]?.finishedAt ?? "";
  const newAddress = () => getAddress(String(state.steps.key?.data.address));
  const { switchRelayer } = incident;
  return [
    {
      id: "revoke",
      title: "Revoke the key: it vouches for nothing any more",
      independent: true,
      run: async () => hands.apply(await revokeRole(context, "SIGNER_ROLE", signer), "admin"),
      stands: async () => (await revokeRole(context, "SIGNER_ROLE", signer)).already(),
    },
    {
      id: "identify",
      title: "What the key did, from the chain's history",
      run: () => identify(incident),
      // The theft turns out older than was thought: distrust can be widened.
      stands: async () =>
        JSON.stringify(askedOf(incident)) === JSON.stringify(state.steps.identify?.data.asked),
    },
    {
      id: "distrust",
      title: "Distrust what it vouched for since it was stolen",
      run: async () => hands.apply(await distrustSigner(context, signer, since()), "admin"),
      stands: async () => (await distrustSigner(context, signer, since())).already(),
    },
    {
      id: "list",
      title: "List who has to prove again",
      run: () => listFallen(incident),
      stands: async () => finishedAt("list") >= finishedAt("distrust"),
    },
    { id: "key", title: "Make a new key", run: () => makeKey(incident) },
    {
      id: "grant",
      title: "Let the new key vouch",
      run: async () => hands.apply(await grantRole(context, "SIGNER_ROLE", newAddress()), "admin"),
    },
    ...(switchRelayer === undefined
      ? []
      : [
          {
            id: "relayer",
            title: "Switch the relayer to the new key",
            run: () => switchRelayer(incident.newKey, newAddress()),
          },
        ]),
  ];
}

async function identify(incident: SignerCompromise): Promise<StepRecord> {
  const { context, signer, knownSenders } = incident;
  const history = await verdicts(context.provider, context.deployment, { signer });
  if (history.length === 0) await requireSigner(incident);
  const known = knownSenders.map((sender) => getAddress(sender));
  const foreign = known.length === 0 ? [] : history.filter(({ sender }) => !known.includes(sender));
  const since = await doubtedSince(incident, history, foreign);
  const doubted = history.filter(({ at }) => at >= since);
  const alsoHeld = await otherRoles(incident);
  const senders = [...new Set(history.map(({ sender }) => sender))];
  const lines = [
    `Signer ${signer} vouched for ${history.length} submissions, sent by ${senders.join(", ") || "nobody"}.`,
    ...foreign.map(
      ({ transactionHash, sender, blockNumber }) =>
        `  NOT OURS: transaction ${transactionHash} in block ${blockNumber}, sent by ${sender}`,
    ),
    `Doubted: ${doubted.length} of them, since ${new Date(Number(since) * 1000).toISOString()}.`,
    ...alsoHeld.map(
      (role) => `  IT HOLDS ${role} TOO, which this does not touch: npx hardhat roles revoke --help`,
    ),
  ];
  const notOurs = foreign.map(({ transactionHash, blockNumber, sender }) => ({
    transactionHash,
    blockNumber,
    sender,
  }));
  const counts = { vouched: history.length, doubted: doubted.length };
  return { lines, data: { asked: askedOf(incident), since, ...counts, senders, notOurs, alsoHeld } };
}

/** What the doubt was derived from. */
function askedOf({ sinceBlock, knownSenders }: SignerCompromise): readonly string[] {
  return [`since block ${sinceBlock ?? "unknown"}`, ...knownSenders];
}

/** @throws InputError for an account that was never a signer: the wrong address is on the command line. */
async function requireSigner({ context, signer }: SignerCompromise): Promise<void> {
  const { address, blockNumber } = contractOf(context.deployment, "verifier");
  const topics = abiOf("ProofXVerifier").encodeFilterTopics("RoleGranted", [roleHash("SIGNER_ROLE"), signer]);
  const newest = await context.provider.getBlockNumber();
  for await (const _ of logsOf(context.provider, address, topics, blockNumber, newest)) return;
  throw InputError.expected(
    "--signer",
    "the address of a signer; this one never was one",
    signer,
    "npx hardhat roles list names the signers there are",
  );
}

/** A stolen key opens every door it has. */
async function otherRoles({ context, signer }: SignerCompromise): Promise<string[]> {
  const contracts = connect(context.deployment, context.provider);
  const roles = Object.entries(GRANTABLE_ROLES).filter(([role]) => role !== "SIGNER_ROLE");
  const held = await Promise.all(
    roles.map(([role, { contract }]) => contracts[contract].hasRole(roleHash(role), signer)),
  );
  const admins = [await contracts.verifier.defaultAdmin(), await contracts.registry.defaultAdmin()];
  const admin = admins.includes(signer) ? ["the default admin"] : [];
  return [...admin, ...roles.filter((_, index) => held[index]).map(([role]) => role)];
}

async function doubtedSince(
  { context, sinceBlock, signer }: SignerCompromise,
  history: readonly Verdict[],
  foreign: readonly Verdict[],
): Promise<bigint> {
  const [first] = foreign;
  if (sinceBlock !== undefined) {
    const block = await context.provider.getBlock(sinceBlock);
    if (block === null) throw InputError.expected("--since-block", "a block of this chain", sinceBlock);
    const since = BigInt(block.timestamp);
    // Whoever gives both learns from the chain that it began earlier.
    return first !== undefined && first.at < since ? first.at : since;
  }
  if (first !== undefined) return first.at;
  const seen = history
    .map(
      ({ blockNumber, sender, transactionHash }) =>
        `  block ${blockNumber}, sent by ${sender}: ${transactionHash}`,
    )
    .slice(-20);
  throw new InputError(
    [
      `since when signer ${signer} is doubted cannot be told from the chain; what it vouched for last:`,
      ...seen,
    ].join("\n"),
    { next: "give the first doubted block with --since-block, or your own senders with --known-senders" },
  );
}

async function listFallen({ context, signer }: SignerCompromise): Promise<StepRecord> {
  const history = await verdicts(context.provider, context.deployment, { signer });
  return proveAgainRecord(await whoMustProveAgain(context.provider, context.deployment, history));
}

/** Finds the key when a run before this one made it and died before it could say so. */
async function makeKey({ keys, newKey, signer, state }: SignerCompromise): Promise<StepRecord> {
  const known = (await keys.list()).find(({ name }) => name === newKey);
  if (known !== undefined && known.createdAt < state.begunAt) {
    throw InputError.expected(
      "new key",
      "a name that no key has yet",
      newKey,
      "choose another with --new-key",
    );
  }
  const { address, publicKey } = known ?? (await keys.create(newKey, "secp256k1"));
  if (address === undefined) throw InputError.expected(`key "${newKey}"`, "a secp256k1 key", "another");
  if (getAddress(address) === signer) throw new CheckError(`key "${newKey}" is the compromised key itself`);
  return {
    lines: [`Key "${newKey}" has address ${address}.`],
    data: { name: newKey, address, publicKey },
  };
}
