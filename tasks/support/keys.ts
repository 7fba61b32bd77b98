import type { KeyProvider } from "../../src/core/ports.ts";
import {
  type ConfiguredKeys,
  defaultKeysSettings,
  type KeysSettings,
  openConfiguredKeys,
  readKeysSettings,
} from "../../src/keys/index.ts";

let settings: KeysSettings | undefined;
let opened: ConfiguredKeys | undefined;

/** The `[keys]` section of the file that PROOFX_CONFIG names; the defaults without one. */
export function keysConfiguration(): KeysSettings {
  const file = process.env.PROOFX_CONFIG;
  settings ??= file === undefined ? defaultKeysSettings() : readKeysSettings(file);
  return settings;
}

/** The backend of the settings with its places, opened once a process so that its passphrase is asked for once. */
export function configuredKeys(): ConfiguredKeys {
  opened ??= openConfiguredKeys(keysConfiguration());
  return opened;
}

/** The keys. */
export function openKeys(): KeyProvider {
  return configuredKeys().keys;
}
