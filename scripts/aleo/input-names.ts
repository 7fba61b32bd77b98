/** `public agent: field`, `metrics: AgentMetrics`, `ids: [field; 5]` */
const INPUT = /(?:(?:public|private|constant)\s+)?(\w+)\s*:/;

/**
 * Names of the inputs of each `fn` of a Leo source, which the compiler's `abi.json` leaves out. Helpers are among them, too.
 *
 * @returns by function, in order.
 */
export function inputNames(source: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  const text = source.replace(/\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, name = "", inputs = ""] of text.matchAll(/\bfn\s+(\w+)\s*\(([^)]*)\)/g)) {
    const parts = inputs.split(",").filter((part) => part.trim() !== "");
    names.set(
      name,
      parts.map((part) => INPUT.exec(part)?.[1] ?? part.trim()),
    );
  }
  return names;
}
