import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { UnavailableError } from "../../core/errors.ts";
import { readFields } from "../../core/json.ts";
import { SECRET_PATTERNS } from "./patterns.ts";
import { runProgram } from "./program.ts";

/** Something that looks like a secret. The text itself is told to nobody. */
export interface SecretFinding {
  /** `FILE:LINE` in the tree, `COMMIT FILE` in the history. */
  readonly place: string;
  readonly pattern: string;
  readonly what: string;
  /** First 16 hex digits of the text's SHA-256: names it in the answers. */
  readonly fingerprint: string;
}

const answer = z.strictObject({
  pattern: z.enum(
    SECRET_PATTERNS.map(({ id }) => id),
    { error: "a pattern's name" },
  ),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, { error: "16 hex digits" }),
  reason: z.string().min(10, { error: "a reason" }),
});

/** Texts that look like secrets and are none, each with its reason. */
export type SecretAnswer = z.output<typeof answer>;

/** Where the answers are, relative to the root. */
export const ANSWERS_FILE = "config/known-secrets.json";

/** Larger files hold proofs and parameters, not secrets. */
const MOST_BYTES = 2 ** 20;
const BINARY = /\.(ptau|zkey|wasm|r1cs|wtns|png|ico|pdf|gz|zip)$/;

/** @throws InputError for a file that is no list of answers. */
export function readAnswers(root: string): readonly SecretAnswer[] {
  const path = join(root, ANSWERS_FILE);
  if (!existsSync(path)) return [];
  return readFields(z.array(answer), JSON.parse(readFileSync(path, "utf8")), path);
}

/** What looks like a secret in a line. */
export function secretsIn(line: string): readonly Omit<SecretFinding, "place">[] {
  return SECRET_PATTERNS.flatMap(({ id, what, pattern }) =>
    [...line.matchAll(pattern)].map(([text]) => ({
      pattern: id,
      what,
      fingerprint: createHash("sha256").update(text).digest("hex").slice(0, 16),
    })),
  );
}

/** Looks through every file that git knows or would take in. @throws UnavailableError without git. */
export async function secretsInTree(root: string): Promise<SecretFinding[]> {
  const { output } = await git(root, ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  const found: SecretFinding[] = [];
  for (const file of output.split("\0").filter((name) => name !== "" && !BINARY.test(name))) {
    const path = join(root, file);
    const size = statSync(path, { throwIfNoEntry: false });
    if (size === undefined || !size.isFile() || size.size > MOST_BYTES) continue;
    const text = readFileSync(path, "utf8");
    // A key in PEM goes over lines: the file is searched whole, and the line counted.
    for (const { id, what, pattern } of SECRET_PATTERNS)
      for (const match of text.matchAll(pattern)) {
        const line = text.slice(0, match.index).split("\n").length;
        const fingerprint = createHash("sha256").update(match[0]).digest("hex").slice(0, 16);
        found.push({ place: `${file}:${line}`, pattern: id, what, fingerprint });
      }
  }
  return found;
}

/** Looks through every line that any commit of any branch ever added. @throws UnavailableError without git. */
export async function secretsInHistory(
  root: string,
): Promise<{ readonly commits: number; readonly found: SecretFinding[] }> {
  const log = ["log", "--all", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--format=commit %H"];
  const child = spawn("git", ["-C", root, ...log], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (code) => resolve(code ?? -1));
  });
  let [commits, commit, file, head] = [0, "", "", ""];
  const found: SecretFinding[] = [];
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (/^commit [0-9a-f]{40}$/.test(line)) {
      commit = line.slice(7, 19);
      commits++;
    } else if (line.startsWith("+++ b/")) file = line.slice(6);
    else if (line.startsWith("+")) {
      const added = `${head}${line.slice(1)}`;
      for (const each of secretsIn(added)) found.push({ place: `${commit} ${file}`, ...each });
      // A key in PEM goes over lines.
      head = /PRIVATE KEY-----$/.test(added) ? `${added}\n` : "";
    }
  }
  if ((await ended) !== 0) throw new UnavailableError("git log does not work here");
  return { commits, found };
}

/** Findings that no answer is about, and answers that are about nothing any more. */
export function judgeSecrets(
  found: readonly SecretFinding[],
  answers: readonly SecretAnswer[],
): { readonly open: readonly SecretFinding[]; readonly stale: readonly SecretAnswer[] } {
  const key = ({ pattern, fingerprint }: { pattern: string; fingerprint: string }) =>
    `${pattern} ${fingerprint}`;
  const [answered, seen] = [new Set(answers.map(key)), new Set(found.map(key))];
  return {
    open: found.filter((each) => !answered.has(key(each))),
    stale: answers.filter((each) => !seen.has(key(each))),
  };
}

async function git(root: string, args: readonly string[]): Promise<{ readonly output: string }> {
  const ran = await runProgram(["git", "-C", root, ...args], { timeoutSeconds: 120 });
  if (ran.code !== 0) throw new UnavailableError(`git ${args[0]} does not work here`);
  return ran;
}
