/**
 * Makes key after key on a token and prints each once it was told that it is made, until it is killed.
 *
 * Arguments: library, token, file of the PIN.
 */
import { pinFromFile } from "../../src/keys/pin.ts";
import { Pkcs11Keys } from "../../src/keys/pkcs11/index.ts";

const [library = "", token = "", pinFile = ""] = process.argv.slice(2);
const keys = new Pkcs11Keys({ library, token, pin: pinFromFile(pinFile) });
for (let i = 0; i < 1000; i++) {
  const { name, address } = await keys.create(`key-${i}`, "secp256k1");
  process.stdout.write(`${name} ${address}\n`);
}
