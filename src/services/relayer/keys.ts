import type { Transaction } from "ethers";
import type { RelayKeys } from "../../chain/relay/context.ts";
import { KeyProviderSigner } from "../../chain/signer.ts";
import { signSubmission } from "../../chain/submission.ts";
import { InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";

export interface KeyNames {
  readonly signer: string;
  readonly sender: string;
}

/** What both keys sign at the start, so that a wrong passphrase is found before the first submission: nothing's digest. */
const PROBE = new Uint8Array(32).fill(0x50);

/**
 * The relayer's two keys, opened.
 *
 * @throws InputError when they are one key, or one is missing.
 */
export async function openRelayKeys(
  keys: KeyProvider,
  names: KeyNames,
  chainId: bigint,
  verifier: string,
): Promise<RelayKeys> {
  const signer = await KeyProviderSigner.open(keys, names.signer, null);
  const sender = await KeyProviderSigner.open(keys, names.sender, null);
  const [signerAddress, senderAddress] = [await signer.getAddress(), await sender.getAddress()];
  if (signerAddress === senderAddress) {
    throw InputError.expected(
      "relayer.sender",
      "another key than relayer.signer: whoever pays does not vouch",
      names.sender,
    );
  }
  for (const name of [names.signer, names.sender]) await keys.signDigest(name, PROBE);
  return {
    signer: signerAddress,
    sender: senderAddress,
    vouch: (submission) => signSubmission(signer, chainId, verifier, submission),
    signTransaction: async (transaction: Transaction) => {
      const signed = transaction.clone();
      const { r, s, yParity } = await keys.signDigest(names.sender, bytesOf(transaction.unsignedHash));
      signed.signature = { r, s, yParity };
      return signed;
    },
  };
}

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");
