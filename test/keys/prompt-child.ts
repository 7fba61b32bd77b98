/** Asks for a passphrase on this process's terminal and says only how long it was. */
import { passphraseFromEnvironment } from "../../src/keys/index.ts";

const answer = await passphraseFromEnvironment({}).read("open");
console.log(`got ${answer.length} characters`);
