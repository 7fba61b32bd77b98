import { CheckError, RefusedError } from "../core/errors.ts";
import { countContributors, describeContributors } from "./contributors.ts";
import type { Transcript } from "./transcript.ts";
import { type SetupVerification, type VerifyRequest, verifySetup } from "./verify.ts";

export interface DeployableRequest {
  /** As `ensureSetup` returns it: what is in the file is believed only after it was compared with the files. */
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
 * It judges what the transcript says; whether that is true is for `ensureSetup` and `requireSound`.
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
          next:
            "npx hardhat ceremony setup --ptau FILE with a published powers of tau file (docs/setup.md), " +
            "or, knowing what it means, --allow-development-setup",
        },
      );
    }
    remarks.push(`development setup: ${why}`);
  }
  const contributors = countContributors(transcript.contributions);
  if (contributors < 2) remarks.push(describeContributors(contributors));
  return remarks;
}

/**
 * Checks a setup from scratch before its key goes to a network where it cannot be taken back. Takes as long as
 * `verifySetup`.
 *
 * @throws CheckError naming the first check that said no; UnavailableError when a file is missing.
 */
export async function requireSound(request: VerifyRequest): Promise<SetupVerification> {
  const result = await verifySetup(request);
  if (result.firstWrong === undefined) return result;
  const { name, expected, got } = result.firstWrong;
  throw new CheckError(`the setup does not hold: ${name}: expected ${expected}, got ${got}`, {
    next: "npx hardhat ceremony verify shows every check; docs/setup.md says what each would find",
  });
}

const ORIGIN = {
  development: "the development file",
  unknown: "of unknown origin",
  published: "published",
} as const;
