// Signs a hash with the test account of vectors.json: node test/vectors/aleo/sign.ts HASH
import { fromHex } from "../../../src/core/bytes.ts";

const { PrivateKey, Signature } = await import("@provablehq/sdk/testnet.js");
const key = PrivateKey.from_seed_unchecked(new Uint8Array(32).fill(7));
console.log(Signature.sign(key, fromHex("hash", process.argv[2] ?? "", 32)).to_string());
process.exit(0);
