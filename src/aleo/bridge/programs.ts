import type { AleoLedger } from "../ledger.ts";
import { readMapping } from "../program.ts";
import { agentRegistry } from "../programs/agent-registry.ts";
import { type Attestation, type Execution, trustVerifier } from "../programs/trust-verifier.ts";

/** Keys of the verifier's roles. */
const ADMIN = 0;
const ATTESTOR = 2;

/** What the bridge reads of the two programs on one ledger. Agents are given by their numbers, `agentField`. */
export class BridgePrograms {
  static readonly registry = agentRegistry.id;
  static readonly verifier = trustVerifier.id;
  readonly #ledger: AleoLedger;

  constructor(ledger: AleoLedger) {
    this.#ledger = ledger;
  }

  /** The account that the registry has as an agent's owner. */
  async ownerOf(agent: bigint): Promise<string | undefined> {
    return (await readMapping(this.#ledger, agentRegistry, "agents", agent))?.holder;
  }

  attestor(): Promise<string | undefined> {
    return readMapping(this.#ledger, trustVerifier, "roles", ATTESTOR);
  }

  admin(): Promise<string | undefined> {
    return readMapping(this.#ledger, trustVerifier, "roles", ADMIN);
  }

  attestation(agent: bigint): Promise<Attestation | undefined> {
    return readMapping(this.#ledger, trustVerifier, "attestations", agent);
  }

  execution(id: bigint): Promise<Execution | undefined> {
    return readMapping(this.#ledger, trustVerifier, "executions", id);
  }

  /** What keeps attestations from being written; undefined when nothing does. */
  async pauseOf(): Promise<string | undefined> {
    const [program, attestor] = await Promise.all([
      readMapping(this.#ledger, trustVerifier, "paused", true),
      readMapping(this.#ledger, trustVerifier, "attestor_paused", true),
    ]);
    if (program === true) return "the program is paused";
    return attestor === true ? "the attestor is paused" : undefined;
  }
}
