import { getAddress } from "ethers";
import { type ChangeContext, distrustSigner, grantRole, revokeRole } from "../../chain/changes/index.ts";
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

/** The steps, in the playbook's order: identify, contain, recover. */
export function signerCompromise(incident: SignerCompromise): IncidentStep[] {
  const { context, hands, state, signer } = incident;
  const since = () => BigInt(String(state.steps.identify?.data.since));
  const newAddress = () => getAddress(String(state.steps.key?.data.address));
  const { switchRelayer } = incident;
  return [
    { id: "identify", title: "What the key did, from the chain's history", run: () => identify(incident) },
    {
      id: "revoke",
      title: "Revoke the key: it vouches for nothing any more",
      run: async () => hands.apply(await revokeRole(context, "SIGNER_ROLE", signer), "admin"),
    },
    {
      id: "distrust",
      title: "Distrust what it vouched for since it was stolen",
      run: async () => hands.apply(await distrustSigner(context, signer, since()), "admin"),
    },
    { id: "list", title: "List who has to prove again", run: () => listFallen(incident) },
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
  const known = knownSenders.map((sender) => getAddress(sender));
  const foreign = known.length === 0 ? [] : history.filter(({ sender }) => !known.includes(sender));
  const since = await doubtedSince(incident, history, foreign);
  const doubted = history.filter(({ at }) => at >= since);
  const senders = [...new Set(history.map(({ sender }) => sender))];
  const lines = [
    `Signer ${signer} vouched for ${history.length} submissions, sent by ${senders.join(", ") || "nobody"}.`,
    ...foreign.map(
      ({ transactionHash, sender, blockNumber }) =>
        `  NOT OURS: transaction ${transactionHash} in block ${blockNumber}, sent by ${sender}`,
    ),
    `Doubted: ${doubted.length} of them, since ${new Date(Number(since) * 1000).toISOString()}.`,
  ];
  const notOurs = foreign.map(({ transactionHash, blockNumber, sender }) => ({
    transactionHash,
    blockNumber,
    sender,
  }));
  return { lines, data: { since, vouched: history.length, doubted: doubted.length, senders, notOurs } };
}

async function doubtedSince(
  { context, sinceBlock, signer }: SignerCompromise,
  history: readonly Verdict[],
  foreign: readonly Verdict[],
): Promise<bigint> {
  if (sinceBlock !== undefined) {
    const block = await context.provider.getBlock(sinceBlock);
    if (block === null) throw InputError.expected("since block", "a block of this chain", sinceBlock);
    return BigInt(block.timestamp);
  }
  const [first] = foreign;
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
