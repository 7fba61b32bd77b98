/** Backups of everything an organisation must not lose (docs/recovery.md). */

export type { Part } from "./collect.ts";
export { type BackupPlan, type CreatedBackup, createBackup } from "./create.ts";
export { type BackupSummary, backupFileName, listBackups, PAYLOAD_KEYS, removeOld } from "./list.ts";
export type { BackupHeader, BackupManifest } from "./manifest.ts";
export { checkContent, type ReadBackup, readBackup, readHeader } from "./read.ts";
export { putInPlace, requireFree, requirePlace, unpackBackup } from "./restore.ts";
export { handOverShare, type Openers } from "./seal.ts";
export { type BackupSettings, backupSection, PUBLIC_KEY, publicKeyField } from "./settings.ts";
export { type BackupSigner, checkSigner, type Signer, type Trust } from "./signature.ts";
