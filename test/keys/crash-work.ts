import { RotationRecords, rotateKey } from "../../src/keys/index.ts";
import { open } from "./support.ts";

/** What is killed halfway, by name; the test does the same once more afterwards. */
export function crashWork(folder: string): Record<string, () => Promise<unknown>> {
  const records = new RotationRecords(folder);
  return {
    create: () => open(folder).create("deployer", "secp256k1"),
    import: () => open(folder).import("deployer", "secp256k1", new Uint8Array(32).fill(7)),
    rotate: () => rotateKey(open(folder), records, "signer"),
  };
}
