import { Transaction } from "ethers";
import { KeyProviderSigner } from "../../chain/signer.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { AnchorKey } from "../../sequencer/anchor/index.ts";

/** What the key signs at the start, so that a wrong passphrase is found before the first batch: nothing's digest. */
const PROBE = new Uint8Array(32).fill(0x50);

/** The anchorer's key, opened. @throws InputError when it is missing or not a secp256k1 key. */
export async function openAnchorKey(keys: KeyProvider, name: string): Promise<AnchorKey> {
  const signer = await KeyProviderSigner.open(keys, name, null);
  await keys.signDigest(name, PROBE);
  return {
    address: await signer.getAddress(),
    signTransaction: async (transaction) => Transaction.from(await signer.signTransaction(transaction)),
  };
}
