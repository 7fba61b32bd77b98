import {
  ALEO_EVENTS,
  type AleoSignatures,
  type AleoSigner,
  BINDINGS_ENTITY,
  type BindingBook,
  type BindingPlace,
  bindingsEntityId,
  bindingToJson,
  type RecordedBinding,
  signBinding,
  unbindingHash,
  unbindingToJson,
} from "../../core/aleo/index.ts";
import { CheckError, InputError, UnavailableError } from "../../core/errors.ts";
import type { Json } from "../../core/json-value.ts";
import type { EventSigner } from "../../core/log/index.ts";
import { type BridgeLog, readBindings, refusalCode } from "./log.ts";

/** What every change of a binding needs. */
export interface BindingWork {
  readonly log: BridgeLog;
  readonly place: BindingPlace;
  readonly signatures: AleoSignatures;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** The agent whose key the log has. */
export interface BindingAgent {
  /** UUID. */
  readonly id: string;
  readonly keyId: number;
  readonly signer: EventSigner;
}

/** What came of it. */
export interface BindingOutcome {
  readonly record: RecordedBinding;
  /** It was so already: nothing was sent. */
  readonly already: boolean;
}

/** How often it is tried when others write bindings at the same time. */
const ATTEMPTS = 5;

/**
 * Binds an agent to an Aleo account, by an event that both keys signed. An agent that is bound to the account stays so.
 *
 * The event names the version of the bindings that it was made for: what became of them meanwhile is looked at before another
 * try, so two agents that want one account do not both get it.
 *
 * @param lifetime Seconds for which the binding counts.
 * @throws CheckError when the agent or the account is bound to another.
 */
export async function bindAgent(
  work: BindingWork,
  agent: BindingAgent,
  account: AleoSigner,
  lifetime: bigint,
): Promise<BindingOutcome> {
  const { place, signatures, now = Date.now } = work;
  if (lifetime < 1n) throw InputError.expected("lifetime", "1 second or more", lifetime);
  return await change(work, ALEO_EVENTS.bound, async (book) => {
    const at = BigInt(now());
    const bound = book.ofAgent(agent.id, at);
    if (bound?.binding.aleoAddress === account.address) return { already: bound };
    const statement = {
      ...place,
      agentId: agent.id,
      nonce: book.lastNonce(agent.id) + 1n,
      expiry: at / 1000n + lifetime,
    };
    book.requireFree({ ...statement, agentKeyId: agent.keyId, aleoAddress: account.address }, at);
    const binding = await signBinding(statement, agent, account, signatures);
    return { payload: bindingToJson(binding) };
  });
}

/**
 * Ends an agent's binding: by the agent's own event, or with the account's signature by any agent's.
 *
 * @param account The Aleo account, when it is the one that says so.
 * @throws CheckError when the agent is not bound, or bound to another account than this one.
 */
export async function unbindAgent(
  work: BindingWork,
  agentId: string,
  account?: AleoSigner,
): Promise<BindingOutcome> {
  const { place, now = Date.now } = work;
  return await change(work, ALEO_EVENTS.unbound, async (book) => {
    const record = book.ofAgent(agentId, BigInt(now()));
    if (record === undefined) throw new CheckError(`agent ${agentId} is not bound`);
    const { aleoAddress } = record.binding;
    if (account !== undefined && account.address !== aleoAddress)
      throw new CheckError(`agent ${agentId} is bound to ${aleoAddress}, not to ${account.address}`);
    const unbinding = { ...place, agentId, aleoAddress, bindingHash: record.hash };
    const aleoSignature = await account?.sign(unbindingHash(record.hash));
    return {
      payload: unbindingToJson(aleoSignature === undefined ? unbinding : { ...unbinding, aleoSignature }),
    };
  });
}

type Plan = { readonly already: RecordedBinding } | { readonly payload: Json };

/** Reads the bindings, makes an event for exactly that version of them, sends it, and reads whether it counts. */
async function change(
  work: BindingWork,
  eventType: string,
  plan: (book: BindingBook) => Promise<Plan>,
): Promise<BindingOutcome> {
  const { log, place, signatures } = work;
  for (let attempt = 1; ; attempt += 1) {
    const { book } = await readBindings(log, place, signatures);
    const planned = await plan(book);
    if ("already" in planned) return { record: planned.already, already: true };
    const event = await log.build({
      entityType: BINDINGS_ENTITY,
      entityId: bindingsEntityId(place),
      eventType,
      payload: planned.payload,
      baseVersion: book.version,
    });
    try {
      const { sequence } = await log.send(event);
      return { record: await recorded(work, sequence), already: false };
    } catch (error) {
      if (refusalCode(error) !== "base-version-conflict") throw error;
      if (attempt < ATTEMPTS) continue;
      throw new UnavailableError("other bindings were written meanwhile, again and again", {
        next: "try again",
        cause: error,
      });
    }
  }
}

/** @throws CheckError when the event is in the log and does not count. */
async function recorded({ log, place, signatures }: BindingWork, sequence: bigint): Promise<RecordedBinding> {
  const { verdicts } = await readBindings(log, place, signatures);
  const verdict = verdicts.find((each) => each.sequence === sequence);
  if (verdict !== undefined && verdict.kind !== "refused") return verdict.record;
  throw new CheckError(`event ${sequence} does not count: ${verdict?.reason ?? "the log does not list it"}`);
}
