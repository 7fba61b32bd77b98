import { fromHex, uintFromBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { uuidBytes, uuidText } from "../../core/uuid.ts";

/** A ledger's state, to be read. An `AleoLedger` is one. */
export interface BridgeLedger {
  height(): Promise<number>;
  /** Leo text of a mapping's value. */
  mapping(program: string, mapping: string, key: string): Promise<string | undefined>;
}

/** `Attestation` of the trust verifier. */
export interface AttestationRecord {
  readonly attestor: string;
  readonly chainId: bigint;
  /** Address of the ProofXVerifier as a number. */
  readonly verifier: bigint;
  /** The agent's name on that chain, reduced to Aleo's field. */
  readonly subject: bigint;
  /** Policy id. */
  readonly policy: bigint;
  readonly batchEnd: bigint;
  /** The first height at which it no longer counts. */
  readonly expiresAt: number;
}

const ADMIN = "0u8";
const ATTESTOR = "2u8";

/** An agent's number on Aleo: its UUID's 16 bytes as an integer. */
export function agentField(agentId: string): bigint {
  return uintFromBytes(uuidBytes("agent", agentId));
}

/** The agent with a number; undefined when no agent can have it. */
export function agentOfField(field: bigint): string | undefined {
  if (field < 0n || field >= 2n ** 128n) return undefined;
  return uuidText(fromHex("agent", `0x${field.toString(16).padStart(32, "0")}`, 16));
}

/** What the bridge reads of the two programs. */
export class BridgePrograms {
  static readonly registry = "agent_registry_v3.aleo";
  static readonly verifier = "trust_verifier_v3.aleo";
  readonly #ledger: BridgeLedger;

  constructor(ledger: BridgeLedger) {
    this.#ledger = ledger;
  }

  /** The account that the registry has as an agent's owner. */
  async ownerOf(agent: bigint): Promise<string | undefined> {
    const record = await this.#struct(BridgePrograms.registry, "agents", `${agent}field`);
    return record?.("owner");
  }

  attestor(): Promise<string | undefined> {
    return this.#ledger.mapping(BridgePrograms.verifier, "roles", ATTESTOR);
  }

  admin(): Promise<string | undefined> {
    return this.#ledger.mapping(BridgePrograms.verifier, "roles", ADMIN);
  }

  async attestation(agent: bigint): Promise<AttestationRecord | undefined> {
    const record = await this.#struct(BridgePrograms.verifier, "attestations", `${agent}field`);
    if (record === undefined) return undefined;
    return {
      attestor: record("attestor"),
      chainId: integer(record("chain_id")),
      verifier: integer(record("verifier")),
      subject: integer(record("subject")),
      policy: integer(record("policy")),
      batchEnd: integer(record("batch_end")),
      expiresAt: Number(integer(record("expires_at"))),
    };
  }

  /** An execution that was recorded under an id. */
  async execution(
    id: bigint,
  ): Promise<{ agent: bigint; proofHash: bigint; trust: number; attested: boolean } | undefined> {
    const record = await this.#struct(BridgePrograms.verifier, "executions", `${id}field`);
    if (record === undefined) return undefined;
    return {
      agent: integer(record("agent")),
      proofHash: integer(record("proof_hash")),
      trust: Number(integer(record("trust"))),
      attested: record("attested") === "true",
    };
  }

  /** What keeps attestations from being written; undefined when nothing does. */
  async pauseOf(): Promise<string | undefined> {
    const [program, attestor] = await Promise.all([
      this.#ledger.mapping(BridgePrograms.verifier, "paused", "true"),
      this.#ledger.mapping(BridgePrograms.verifier, "attestor_paused", "true"),
    ]);
    if (program === "true") return "the program is paused";
    return attestor === "true" ? "the attestor is paused" : undefined;
  }

  async #struct(
    program: string,
    mapping: string,
    key: string,
  ): Promise<((field: string) => string) | undefined> {
    const text = await this.#ledger.mapping(program, mapping, key);
    if (text === undefined) return undefined;
    return (field) => {
      const value = new RegExp(`\\b${field}: ([a-z0-9]+)`).exec(text)?.[1];
      if (value === undefined) throw new CheckError(`${program}/${mapping}: ${key} has no field ${field}`);
      return value;
    };
  }
}

/** The number in a Leo literal. */
export function integer(literal: string): bigint {
  const digits = /^(\d+)(?:field|u\d+)$/.exec(literal)?.[1];
  if (digits === undefined) throw new CheckError(`expected a Leo number, got ${literal}`);
  return BigInt(digits);
}
