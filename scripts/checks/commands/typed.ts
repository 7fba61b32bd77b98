import type { KnownCommands } from "./known.ts";

/** A command line of ours as a script has it: the words from `hardhat` or `proofx` on. */
export interface Typed {
  readonly words: readonly string[];
  /** Of the script, from 1. */
  readonly line: number;
}

/** Finds every `npx hardhat …` and `npx proofx …` of a shell's lines, up to the end of each command. */
export function typedCommands(script: string): Typed[] {
  return [...script.matchAll(/\bnpx\s+(?:\\\n\s*)?(hardhat|proofx)(?![\w.@/-])/g)].map((found) => ({
    words: [
      found[1] ?? "",
      ...wordsOf(script.slice(found.index + found[0].length).replaceAll(/\\\n\s*/g, " ")),
    ],
    line: script.slice(0, found.index).split("\n").length,
  }));
}

/** Words of a shell up to `|`, `;`, `&`, `>`, `<`, `)` or the line's end; what stands in quotes is one, without them. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  let depth = 0;
  const end = (): void => {
    if (word !== "") words.push(word);
    word = "";
  };
  for (const [i, letter] of [...text].entries()) {
    if (quote !== "") {
      // A substitution within quotes may have quotes of its own.
      if (text[i] === "$" && text[i + 1] === "(") depth++;
      else if (letter === ")" && depth > 0) depth--;
      if (letter === quote && depth === 0) quote = "";
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word += "";
    } else if ("|;&><)\n".includes(letter) || (letter === "#" && word === "")) break;
    else if (letter === " ") end();
    else word += letter;
  }
  end();
  return words;
}

/** What stands for any command in a sentence about all of them: `npx proofx NAME`, `npx hardhat roles …`. */
const ANY = /^(…|\.\.\.|[A-Z]+)$/;

/** What is wrong with a command line, or undefined: no such command, no such option, or a word where none may be. */
export function faultOf({ words }: Pick<Typed, "words">, known: KnownCommands): string | undefined {
  let name = words[0] ?? "";
  let at = 1;
  while (at < words.length && known.has(`${name} ${words[at]}`)) name = `${name} ${words[at++]}`;
  const line = `npx ${words.join(" ")}`;
  const command = known.get(name);
  if (command === undefined) return `${line}: there is no such command`;
  const rest = words.slice(at);
  const stray = rest[0];
  if (command.group && stray !== undefined && ANY.test(stray)) return undefined;
  if (stray !== undefined && !stray.startsWith("-") && !command.takesWords) {
    if (at === 1) return `${line}: there is no such command`;
    return command.group ? `${line}: ${name} has no ${stray}` : `${line}: ${name} takes no words`;
  }
  const option = rest
    .slice(0, rest.includes("--") ? rest.indexOf("--") : undefined)
    .filter((word) => word.startsWith("--"))
    .map((word) => word.slice(2).replace(/=.*$/s, ""))
    .find((each) => !command.options.has(each));
  if (option !== undefined) return `${line}: ${name} has no option --${option}`;
  return undefined;
}
