import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./find.ts";
import type { Judged } from "./run.ts";

/** Why a mutant that nothing notices does no harm. */
export interface Answer {
  readonly file: string;
  /** The line it is on, so that a changed line is looked at again. */
  readonly line: string;
  readonly constraint: string;
  readonly mutation: Mutant["mutation"];
  readonly answer: string;
}

/** What became of all mutants. */
export interface Score {
  readonly mutants: number;
  readonly killed: number;
  /** Not compiled: the connection carries a tag, which only a constraint hands on. */
  readonly refused: number;
  readonly answered: number;
  /** What has to be looked at, one line each; empty when all is well. */
  readonly faults: readonly string[];
}

const ANSWERS = fileURLToPath(new URL("../../../../circuits/mutants.json", import.meta.url));

export async function readAnswers(): Promise<Answer[]> {
  return JSON.parse(await readFile(ANSWERS, "utf8")) as Answer[];
}

/**
 * Counts verdicts. A fault is a survivor without an answer, one that does not compile for another reason than a tag, and
 * an answer whose mutant is gone or does not survive.
 */
export function scoreOf(judged: readonly Judged[], answers: readonly Answer[]): Score {
  const answerTo = ({ mutant }: Judged): Answer | undefined => answers.find((one) => isAbout(one, mutant));
  const survivors = judged.filter(({ verdict }) => verdict.outcome === "survived");
  const stillborn = judged.filter(({ verdict }) => verdict.outcome === "stillborn");
  const refused = stillborn.filter(({ verdict }) => /\btags?\b/i.test(verdict.why));
  const unanswered = survivors.filter((one) => answerTo(one) === undefined);
  return {
    mutants: judged.length,
    killed: judged.filter(({ verdict }) => verdict.outcome === "killed").length,
    refused: refused.length,
    answered: survivors.length - unanswered.length,
    faults: [
      ...unanswered.map(
        (one) => `${placeOf(one.mutant)}: nothing notices it, and circuits/mutants.json has no answer`,
      ),
      ...stillborn
        .filter((one) => !refused.includes(one))
        .map(({ mutant, verdict }) => `${placeOf(mutant)}: does not compile: ${verdict.why}`),
      ...answers.flatMap((one) => staleness(one, judged)),
    ],
  };
}

/** The score in a sentence. */
export function describeScore({ mutants, killed, refused, answered, faults }: Score): string {
  const share = mutants === 0 ? 0 : Math.floor((100 * (killed + refused + answered)) / mutants);
  return (
    `${mutants} mutants: ${killed} killed, ${refused} refused by the compiler for their tags, ` +
    `${answered} answered, ${faults.length} to look at; score ${share} %`
  );
}

/** File, line and what was done there. */
export function placeOf({ file, line, mutation, constraint }: Mutant): string {
  return `${file}:${line}: ${constraint} ${mutation}`;
}

function staleness(answer: Answer, judged: readonly Judged[]): string[] {
  const place = `circuits/mutants.json: ${answer.file}: ${answer.constraint} ${answer.mutation}`;
  const found = judged.find(({ mutant }) => isAbout(answer, mutant));
  if (found === undefined) return [`${place}: there is no such mutant any more`];
  const { outcome, why } = found.verdict;
  return outcome === "survived" ? [] : [`${place}: is answered but ${outcome}: ${why}`];
}

function isAbout({ file, line, constraint, mutation }: Answer, mutant: Mutant): boolean {
  return (
    mutant.file === file &&
    mutant.text === line &&
    mutant.constraint === constraint &&
    mutant.mutation === mutation
  );
}
