/** A condition or its contrary that is a program of ours: `if npx …`, `elif npx …`, `! npx …`. */
const AS_CONDITION = /(?:\b(?:el)?if\s+(?:!\s+)?|(?:^|[\s;({])!\s+)npx\b/m;
/** A search whose failing is an answer: `npx … | grep … || …`, whatever stands between on the line. */
const SEARCHED = /\bnpx\b[^\n]*[^|\n]\|(?!\|)[^\n]*\bgrep\b[^\n]*\|\|/;

/**
 * What is wrong with a step that takes a program's failing for an answer, or undefined. A node that cannot be reached would pass for
 * "nothing was found": such a step first captures what the program says, by a line that fails with it.
 *
 * @param script Lines of a shell.
 */
export function failureUnheard(script: string): string | undefined {
  const joined = script.replaceAll(/\\\n\s*/g, " ");
  const found = AS_CONDITION.exec(joined) ?? SEARCHED.exec(joined);
  if (found === null) return undefined;
  return `${found[0].trim()}: a failure passes for an answer; capture it first: LIST=$(npx …) && … <<< "$LIST"`;
}
