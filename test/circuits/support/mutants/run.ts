import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { findMutants, type Mutant, withoutMutation } from "./find.ts";
import { judge, type Verdict } from "./judge.ts";
import { loadSubject, type Subject, subjectOf } from "./subject.ts";

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
 * Judges every mutant of the sources, two at a time: each takes a second or two, most of it the compiler's.
 *
 * @param onJudged Called with each in the order in which they are done.
 */
export async function judgeAll(
  sources: ReadonlyMap<string, string>,
  onJudged?: (judged: Judged, done: number, all: number) => void,
): Promise<Judged[]> {
  const mutants = findMutants(sources);
  const texts = withoutMutation(sources);
  const subjects = new Map<string, Promise<Subject>>();
  const subjectFor = (mutant: Mutant): Promise<Subject> => {
    const name = subjectOf(mutant);
    const subject = subjects.get(name) ?? loadSubject(name, texts);
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
  await Promise.all([work(), work()]);
  return judged;
}
