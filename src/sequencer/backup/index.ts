/** Backups of the log, of any database into any other (docs/backup.md). */

export { type AnchoredHead, type ComparedStream, compareWithChain, requireWhole } from "./anchored.ts";
export { BACKUP_FOLDER, backupBeforeMigration, backupName } from "./before-migration.ts";
export { type BatchOnChain, closeAsAnchored } from "./close-as-anchored.ts";
export { type Promoted, promoteFolder, streamsOf } from "./promote.ts";
export { type RestoredBackup, type RestoreOptions, restoreBackup } from "./restore.ts";
export { keysFileOf, renewKeysFile, type TakenBackup, type TakeOptions, takeBackup } from "./take.ts";
export { type VerifiedBackup, verifyBackup } from "./verify.ts";
export type { WrittenFile } from "./write-file.ts";
