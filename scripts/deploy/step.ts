import type { Provider, Signer } from "ethers";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { Chain } from "../../src/chain/network.ts";
import type { SolidityVerifyingKey } from "../../src/setup/index.ts";

/** What every deploy step is given. Steps change `deployment` through src/chain only, which saves it. */
export interface DeployContext {
  readonly chain: Chain;
  readonly provider: Provider;
  /** The deploying key; holds no role at the end, or at any time. */
  readonly signer: Signer;
  readonly deployment: Deployment;
  /** Key of the phase-2 ceremony the circuit verifier is made from. */
  readonly verifyingKey: SolidityVerifyingKey;
  /** Told while a step waits for a block. */
  readonly onProgress?: (line: string) => void;
}

/** A numbered deploy step: may be run again at any time, and then does only what is still missing. */
export interface DeployStep {
  /** `nnnn-name`, the name of the step's file. */
  readonly id: string;
  readonly title: string;
  /** @returns one line: what is there now. */
  main(context: DeployContext): Promise<string>;
}
