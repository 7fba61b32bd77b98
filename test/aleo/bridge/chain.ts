import {
  type AttestingChain,
  askChain,
  type ChainAnswer,
} from "../../../src/aleo/bridge/chain-attestation.ts";
import { anchorNext, STREAM } from "../../support/contracts/registry.ts";
import { AGENT, attest, deploySystem, makeItem, type System } from "../../support/contracts/system.ts";

/** Every contract on a simulated chain, and what an attestor asks of it. */
export interface TestChain extends AttestingChain {
  readonly system: System;
  /** Anchors a batch of the stream and attests the agent on it. */
  attest(): Promise<void>;
  mine(blocks: number): Promise<void>;
  ask(more?: { confirmations?: number; maxAge?: bigint; policyId?: bigint }): Promise<ChainAnswer>;
}

/** @param stream 32 bytes in hex; opened when it is not the fixture's. @param agent 16 bytes in hex. */
export async function startChain(stream: string = STREAM, agent: string = AGENT): Promise<TestChain> {
  const system = await deploySystem();
  const { verifier, registry, actors, chain } = system;
  const provider = chain.ethers.provider;
  if (stream !== STREAM) {
    await registry.connect(actors.admin).openStream(stream, actors.anchorer.address, 0);
  }
  return {
    system,
    provider,
    verifier,
    attest: async () => {
      const { ref } = await anchorNext(registry, actors, { streamId: stream });
      await attest(system, await makeItem(system, ref, { submission: { streamId: stream, agentId: agent } }));
    },
    // One by one: of many mined at once the node keeps no state.
    mine: async (blocks) => {
      for (let i = 0; i < blocks; i += 1) await chain.helpers.mine();
    },
    ask: ({ confirmations = 1, maxAge = 86_400n, policyId = 1n } = {}) =>
      askChain({ provider, verifier }, { streamId: stream, agentId: agent, policyId, maxAge, confirmations }),
  };
}
