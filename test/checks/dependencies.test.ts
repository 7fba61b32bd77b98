import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../scripts/checks/support/process.ts";

type Manifest = Record<"dependencies" | "devDependencies" | "optionalDependencies", Record<string, string>>;

interface Row {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly why: string;
}

const ROW = /^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm;

describe("docs/dependencies.md", () => {
  const page = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  const rows: Row[] = [...page.matchAll(ROW)].map(([, name = "", version = "", licence = "", why = ""]) => {
    return { name, version: version.trim(), licence: licence.trim(), why: why.trim() };
  });

  it("has every direct dependency with its exact version, and nothing else", () => {
    const direct = {
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    };
    expect(Object.fromEntries(rows.map(({ name, version }) => [name, version]))).to.deep.equal(direct);
    expect(rows.length).to.equal(Object.keys(direct).length);
  });

  it("gives the licence that the installed package states", () => {
    const stated = rows.flatMap(({ name }) => {
      const licence = licenceOf(name);
      return licence === undefined ? [] : [[name, licence]];
    });
    expect(stated.length).to.be.greaterThan(30);
    const written = new Map(rows.map(({ name, licence }) => [name, licence]));
    expect(stated.map(([name = ""]) => [name, written.get(name)])).to.deep.equal(stated);
  });

  it("gives a reason for each", () => {
    expect(rows.filter((row) => row.why.length < 5).map((row) => row.name)).to.deep.equal([]);
  });
});

/** Undefined when the package is for another platform and so not installed. */
function licenceOf(name: string): string | undefined {
  try {
    const text = readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8");
    return (JSON.parse(text) as { license?: string }).license;
  } catch {
    return undefined;
  }
}
