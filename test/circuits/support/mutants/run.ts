import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Compilers } from "./compiler.ts";
import { findMutants, type Mutant, withoutMutation } from "./find.ts";
import { judge, type Verdict } from "./judge.ts";
import { loadSubject, type Subject, subjectOf } from "./subject.ts";

/** As many as the processors that the tests are promised on. */
const AT_A_TIME = 2;
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

/** A mutant and what became of it. */
export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

/** The project's own circuits: text by path. */
export async function ownSources(): Promise<Map<string, string>> {
  const files = globSync("circuits/**/*.circom", { cwd: ROOT }).sort();
  const read = async (file: string) => [file, await readFile(`${ROOT}/${file}`, "utf8")] as const;
  return new Map(await Promise.all(files.map(read)));
}

/**
 * Judges every mutant of the sources, a few at a time: each takes a second, most of it the compiler's.
 *
 * @param onJudged Called with each in the order in which they are done.
 */
export async function judgeAll(
  sources: ReadonlyMap<string, string>,
  onJudged?: (judged: Judged, done: number, all: number) => void,
): Promise<Judged[]> {
  await using compilers = new Compilers(AT_A_TIME);
  const mutants = findMutants(sources);
  const texts = withoutMutation(sources);
  const subjects = new Map<string, Promise<Subject>>();
  const subjectFor = (mutant: Mutant): Promise<Subject> => {
    const name = subjectOf(mutant);
    const subject = subjects.get(name) ?? loadSubject(name, texts, compilers);
    subjects.set(name, subject);
    return subject;
  };
  const judged: Judged[] = [];
  const waiting = mutants.entries();
  const work = async (): Promise<void> => {
    for (const [i, mutant] of waiting) {
      const one = { mutant, verdict: await judge(mutant, await subjectFor(mutant)) };
      judged[i] = one;
      onJudged?.(one, judged.filter(Boolean).length, mutants.length);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return judged;
}
