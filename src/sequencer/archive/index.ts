/** Retention: payloads of old ranges in files that still verify (docs/backup.md). */
export { type Archived, type ArchiveRequest, archivePayloads, lastBefore, requireKnown } from "./archive.ts";
export { type VerifiedArchive, verifyArchive } from "./verify.ts";
