export { checkLicences, isCompatible, type LicenceFinding } from "./licences.ts";
export { SECRET_PATTERNS, type SecretPattern } from "./patterns.ts";
export { runProgram } from "./program.ts";
export { type ScanOptions, type ScanPart, scanSecurity } from "./scan.ts";
export {
  ANSWERS_FILE,
  judgeSecrets,
  readAnswers,
  type SecretAnswer,
  type SecretFinding,
  secretsIn,
  secretsInHistory,
  secretsInTree,
} from "./secrets.ts";
