import type { KeyInfo } from "../../core/ports.ts";

/**
 * What remains to do by hand once a key has a successor: on the chain for an account, in the log for an agent's key.
 *
 * @param isSigner Whether the key vouches for submissions.
 */
export function stepsAfterRotation(from: KeyInfo, to: KeyInfo, isSigner: boolean): string[] {
  if (from.algorithm === "ed25519") {
    return [
      `register ${to.publicKey} for the agent, valid from now on`,
      `have the agent sign with "${to.name}"`,
      `end the validity of ${from.publicKey}; what it signed before stays valid`,
    ];
  }
  const role = isSigner ? "SIGNER_ROLE" : "ROLE";
  const act = (verb: string, account: string | undefined) =>
    `npx hardhat roles ${verb} --network NETWORK --role ${role} --account ${account}`;
  return [
    `npx hardhat roles list --network NETWORK   (each role that ${from.address} holds)`,
    act("grant", to.address),
    `name "${to.name}" where "${from.name}" is named: services' settings, --signer and --key`,
    act("revoke", from.address),
  ];
}

/** The same for the key that signs backups: what it signed stays as good as it was. */
export const stepsAfterBackupSigner = (from: KeyInfo, to: KeyInfo): string[] => [
  `name "${to.name}" as [backup] signer, and ${from.publicKey} in [backup.signers] as long as there are backups of it`,
  `give ${to.publicKey} to whoever keeps the holders' identities: restoring asks for it (--signer)`,
];

/** The same for the log's master key, which wraps and signs nothing that others see. */
export const stepsAfterMaster = (from: string, to: string): string[] => [
  `name "${to}" under [at_rest] master_key of every service that has the log, and restart them`,
  "npx hardhat log keys rotate --master",
  `keep "${from}" as long as backups need it, then delete it`,
];
