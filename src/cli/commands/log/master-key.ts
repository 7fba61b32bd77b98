import { InputError } from "../../../core/errors.ts";
import type { KeyProvider } from "../../../core/ports.ts";

/** Makes the key that wraps tenants' keys, unless it is there. @throws InputError when the name is another kind of key's. */
export async function ensureKey(keys: KeyProvider, name: string): Promise<void> {
  const found = (await keys.list()).find((key) => key.name === name);
  if (found === undefined) await keys.create(name, "aes-256");
  else if (found.algorithm !== "aes-256")
    throw InputError.expected(`key "${name}"`, "an aes-256 key", found.algorithm);
}
