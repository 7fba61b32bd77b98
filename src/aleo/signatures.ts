import { type AleoSignatures, isAleoAddress, isAleoSignature } from "../core/aleo/index.ts";
import { loadSdk } from "./sdk.ts";

/** Checks Aleo accounts' signatures with Aleo's own library; its wasm is loaded the first time. */
export async function aleoSignatures(): Promise<AleoSignatures> {
  const { Address, Signature } = await loadSdk();
  return {
    verify(address, message, signature) {
      // What is no address or signature ends the wasm with a panic: most of it is kept out here.
      if (!isAleoAddress(address) || !isAleoSignature(signature)) return false;
      try {
        const account = Address.from_string(address);
        const signed = Signature.from_string(signature);
        try {
          return signed.verify(account, message);
        } finally {
          signed.free();
          account.free();
        }
      } catch {
        return false;
      }
    },
  };
}
