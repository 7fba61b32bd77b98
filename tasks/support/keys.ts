import { onceACommand } from "../../src/chain/lifetime.ts";
import type { KeyProvider } from "../../src/core/ports.ts";
import {
  type ConfiguredKeys,
  defaultKeysSettings,
  type KeysSettings,
  openConfiguredKeys,
  readKeysSettings,
} from "../../src/keys/index.ts";

/** The `[keys]` section of the file that PROOFX_CONFIG names; the defaults without one. */
export const keysConfiguration = onceACommand((): KeysSettings => {
  const file = process.env.PROOFX_CONFIG;
  return file === undefined ? defaultKeysSettings() : readKeysSettings(file);
});

/** The backend of the settings with its places, opened once a command so that its passphrase is asked for once. */
export const configuredKeys = onceACommand((): ConfiguredKeys => openConfiguredKeys(keysConfiguration()));

/** The keys. */
export function openKeys(): KeyProvider {
  return configuredKeys().keys;
}
