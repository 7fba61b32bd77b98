/** What of a program's text a finalize step needs: its steps' lines, and its structs' members. */
export interface FinalizeSource {
  readonly id: string;
  /** Lines of each finalize block, without `input` lines and semicolons. */
  readonly steps: ReadonlyMap<string, readonly string[]>;
  /** Members of each struct, in order. */
  readonly structs: ReadonlyMap<string, readonly string[]>;
}

const BLOCK = /^(finalize|struct) (\w+):\n((?: {4}.*\n)*)/gm;

/** Takes the finalize blocks and structs out of a program in Aleo instructions, as a ledger's node prints it. */
export function readFinalize(text: string): FinalizeSource {
  const [, id = ""] = /^program (\S+);/m.exec(text) ?? [];
  const steps = new Map<string, string[]>();
  const structs = new Map<string, string[]>();
  for (const [, kind, name = "", body = ""] of `${text}\n`.matchAll(BLOCK)) {
    const lines = body.split("\n").map((line) => line.trim().replace(/;$/, ""));
    if (kind === "struct") {
      structs.set(
        name,
        lines.filter((line) => line !== "").map((line) => line.split(" ")[0] ?? ""),
      );
    } else {
      steps.set(
        name,
        lines.filter((line) => line !== "" && !line.startsWith("input ")),
      );
    }
  }
  return { id, steps, structs };
}
