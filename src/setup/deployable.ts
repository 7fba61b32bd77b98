import { RefusedError } from "../core/errors.ts";
import type { Transcript } from "./transcript.ts";

export interface DeployableRequest {
  readonly transcript: Transcript;
  readonly network: { readonly chainId: bigint | number; readonly isPublic: boolean };
  /** The operator's explicit override. */
  readonly allowDevelopmentSetup: boolean;
}

/**
 * Refuses a setup that nobody outside can trust where it could harm: on a public network.
 *
 * Powers of tau of unknown origin count as development ones, or a fresh development file would slip through.
 *
 * @returns what the operator should still know; empty when there is nothing to say.
 * @throws RefusedError unless the override is given.
 */
export function assertDeployable(request: DeployableRequest): readonly string[] {
  const { transcript, network, allowDevelopmentSetup } = request;
  const remarks: string[] = [];
  if (transcript.development || transcript.ptau.label !== "published") {
    const why = `its powers of tau are ${ORIGIN[transcript.ptau.label]}: whoever made them can forge proofs`;
    if (network.isPublic && !allowDevelopmentSetup) {
      throw new RefusedError(
        `this setup must not be deployed to the public network ${network.chainId}: ${why}`,
        {
          next: "npx hardhat ceremony setup --ptau FILE with a published powers of tau file, see docs/setup.md",
        },
      );
    }
    remarks.push(`development setup: ${why}`);
  }
  const contributors = transcript.contributions.filter((each) => each.kind === "contribution").length;
  if (contributors < 2) {
    remarks.push(
      `phase 2 had ${contributors === 1 ? "one contributor" : "no contributor"}: everybody trusts that party alone`,
    );
  }
  return remarks;
}

const ORIGIN = {
  development: "the development file",
  unknown: "of unknown origin",
  published: "published",
} as const;
