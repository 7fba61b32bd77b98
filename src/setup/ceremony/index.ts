/** Phase 2 with many contributors: a folder of records, contributions as files, a beacon named beforehand. */
export {
  announceDrand,
  announceDrandRound,
  announceNamed,
  DEFAULT_ITERATIONS_EXP,
  describeAnnouncement,
} from "./announce.ts";
export {
  acceptContribution,
  type ContributeRequest,
  contributeInPlace,
  makeContribution,
  parseContribution,
  requireNextContribution,
} from "./contribute.ts";
export { parseContributors } from "./contributors-file.ts";
export { createCeremony, type NewCeremonyRequest } from "./create.ts";
export { describeStatus, describeVerification, exitCodeOf, warnOfOrigin } from "./describe.ts";
export { type DrandChain, parseDrandInfo, parseDrandRound, QUICKNET } from "./drand.ts";
export { exportCeremony, loadSetup } from "./export.ts";
export { fetchDrandRound } from "./fetch.ts";
export { finishCeremony } from "./finish.ts";
export {
  type Ceremony,
  ceremonyFolder,
  contributionFile,
  FILES,
  FINAL_KEY,
  keyFile,
  keysFolderOf,
  readCeremony,
} from "./folder.ts";
export { type Announcement, type CeremonyConfig, type Contribution, recordText } from "./record.ts";
export { faultOfContributor } from "./rules.ts";
export {
  type CeremonyCheck,
  type CeremonyVerification,
  type VerifyCeremonyRequest,
  verifyCeremony,
} from "./verify.ts";
