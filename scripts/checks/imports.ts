import type { Node } from "oxc-parser";
import { lineAt, type Source, walk } from "./support/sources.ts";

/** One place where a file names another module. */
export interface ImportUse {
  /** As written; undefined when it is computed, so that nothing can be said about it. */
  readonly specifier: string | undefined;
  /** True when nothing of it is left after type stripping. */
  readonly typeOnly: boolean;
  /** Loaded when the code comes to it: `import("x")`. */
  readonly late: boolean;
  readonly line: number;
}

/** Every import, re-export, dynamic import, `import("x").T`, `require` and `createRequire(...)` call of a file. */
export function importsOf(source: Source): ImportUse[] {
  const requires = requireNames(source);
  const uses: ImportUse[] = [];
  walk(source.program, (node) => {
    const use = useOf(node, requires);
    if (use !== undefined)
      uses.push({ ...use, late: node.type === "ImportExpression", line: lineAt(source.text, node.start) });
  });
  return uses;
}

function useOf(node: Node, requires: ReadonlySet<string>): Omit<ImportUse, "late" | "line"> | undefined {
  switch (node.type) {
    case "ImportDeclaration": {
      const typeOnly = node.importKind === "type" || everyIsType(node.specifiers, "importKind");
      return { specifier: node.source.value, typeOnly };
    }
    case "ExportAllDeclaration":
      return { specifier: node.source.value, typeOnly: node.exportKind === "type" };
    case "ExportNamedDeclaration": {
      if (node.source === null) return undefined;
      const typeOnly = node.exportKind === "type" || everyIsType(node.specifiers, "exportKind");
      return { specifier: node.source.value, typeOnly };
    }
    case "TSImportType":
      return { specifier: node.source.value, typeOnly: true };
    case "ImportExpression":
      return { specifier: constantText(node.source), typeOnly: false };
    case "CallExpression":
      return isRequire(node.callee, requires)
        ? { specifier: constantText(node.arguments[0]), typeOnly: false }
        : undefined;
    default:
      return undefined;
  }
}

function everyIsType(specifiers: readonly object[], key: string): boolean {
  return (
    specifiers.length > 0 && specifiers.every((each) => (each as Record<string, unknown>)[key] === "type")
  );
}

function constantText(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}

/** `require`, and the variables that hold what `createRequire(...)` returned. */
function requireNames(source: Source): Set<string> {
  const names = new Set(["require"]);
  walk(source.program, (node) => {
    if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier") return;
    if (node.init !== null && isCreateRequire(node.init)) names.add(node.id.name);
  });
  return names;
}

function isRequire(callee: Node, names: ReadonlySet<string>): boolean {
  return (callee.type === "Identifier" && names.has(callee.name)) || isCreateRequire(callee);
}

function isCreateRequire(node: Node): boolean {
  return (
    node.type === "CallExpression" &&
    node.callee.type === "Identifier" &&
    node.callee.name === "createRequire"
  );
}

/** Lines that use one of these global names (not as a property of something else). */
export function globalsUsed(
  source: Source,
  names: ReadonlySet<string>,
): { readonly name: string; readonly line: number }[] {
  const used: { name: string; line: number }[] = [];
  walk(source.program, (node, ancestors) => {
    if (node.type !== "Identifier" || !names.has(node.name)) return;
    const parent = ancestors.at(-1);
    if (parent?.type === "MemberExpression" && !parent.computed && parent.property === node) return;
    if (parent?.type === "Property" && !parent.computed && parent.key === node && !parent.shorthand) return;
    if (parent?.type === "TSPropertySignature" && parent.key === node) return;
    used.push({ name: node.name, line: lineAt(source.text, node.start) });
  });
  return used;
}
