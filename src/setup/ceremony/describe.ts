import { relative } from "node:path";
import { EXIT, type ExitCode } from "../../core/errors.ts";
import { describeContributors } from "../contributors.ts";
import { describeAnnouncement } from "./announce.ts";
import type { Ceremony } from "./folder.ts";
import type { CeremonyCheck, CeremonyVerification } from "./verify.ts";

/** Exit code of a verification: a finding is a no; a proving key that is not there is something missing. */
export function exitCodeOf({ firstWrong, keyChecked }: CeremonyVerification): ExitCode {
  if (firstWrong !== undefined) return EXIT.failed;
  return keyChecked ? EXIT.ok : EXIT.unavailable;
}

/** A verification for people: the verdict first, then every check, then what no check can say. */
export function describeVerification(result: CeremonyVerification): string[] {
  return [
    verdict(result),
    ...result.checks.map(describeCheck),
    ...result.signedBy.map(({ index, name, publicKey }) => `  ${index}  ${name}, signed by ${publicKey}`),
    ...result.remarks.map((remark) => `  note  ${remark}`),
    ...warnOfOrigin(result.origin),
    `  ${describeContributors(result.contributors)}`,
  ];
}

function verdict({ ok, name, finished, firstWrong, keyChecked }: CeremonyVerification): string {
  if (firstWrong !== undefined) {
    return `The ceremony ${name} does NOT hold; first wrong: ${firstWrong.name}, ${place(firstWrong.where)}`;
  }
  if (!keyChecked) {
    return `The records of the ceremony ${name} agree with each other; its proving key was NOT checked: the file is missing`;
  }
  return `The ceremony ${name} holds${ok && !finished ? " so far; it is not finished" : ""}`;
}

function describeCheck({ name, where, status, expected, got }: CeremonyCheck): string {
  const what = `${name}: ${place(where)}`;
  if (status === "ok") return `  ok    ${what}`;
  if (status === "not checked") return `  ----  ${what}: NOT CHECKED, ${got}`;
  return `  WRONG ${what}: expected ${expected}, got ${got}`;
}

/** Paths are shown as the reader would type them. */
function place(where: string): string {
  const short = where.startsWith("/") ? relative(".", where) : where;
  return short.length < where.length ? short : where;
}

/** What powers of tau of this origin mean for whoever relies on a setup; empty when they were published. */
export function warnOfOrigin(origin: "development" | "published" | "unknown"): string[] {
  if (origin === "published") return [];
  const words = origin === "development" ? "FOR DEVELOPMENT" : "OF UNKNOWN ORIGIN";
  return [`  ${words}: whoever made these powers of tau can forge proofs`];
}

/** Where a ceremony stands, for people: what is fixed, who contributed, what comes next. */
export function describeStatus({ config, contributions, beacon, lastKey }: Ceremony, now: Date): string[] {
  const missing = config.contributors.filter(
    ({ publicKey }) => !contributions.some((each) => each.publicKey === publicKey),
  );
  return [
    `Ceremony ${config.name}, ${config.id}`,
    `  circuit        ${config.circuit.name}, ${config.circuit.constraints} constraints`,
    `  powers of tau  ${config.ptau.name} (${config.ptau.label})`,
    `  beacon         ${describeAnnouncement(config.beacon)}, not before ${config.beacon.notBefore}`,
    ...contributions.map(
      ({ index, name, createdAt }) => `  ${String(index).padEnd(14)} ${name}, ${createdAt}`,
    ),
    ...(missing.length === 0 ? [] : [`  still expected ${missing.map(({ name }) => name).join(", ")}`]),
    `  latest key     ${lastKey.sha256}, ${lastKey.bytes} bytes`,
    `  next           ${nextStep(config.beacon.notBefore, contributions.length, beacon !== undefined, now)}`,
  ];
}

function nextStep(notBefore: string, contributions: number, finished: boolean, now: Date): string {
  if (finished) return "finished: ceremony verify, ceremony export";
  if (now.toISOString() < notBefore) return "ceremony contribute, until the beacon is due";
  return contributions === 0 ? "none: nobody contributed before the beacon was due" : "ceremony beacon";
}
