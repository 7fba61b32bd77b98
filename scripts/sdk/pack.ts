import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { build, type Plugin } from "esbuild";
import { ProofXError, UnavailableError } from "../../src/core/errors.ts";

/**
 * Packs `src/sdk` into a package of its own, `build/sdk/proofx-sdk-VERSION.tgz`: one module without dependencies, its types, and
 * the licences of what is bundled. It needs no network.
 *
 * `npx node scripts/sdk/pack.ts`
 */
const ROOT = resolve(import.meta.dirname, "../..");
const OUT = join(ROOT, "build/sdk");
const MANIFEST = {
  name: "proofx-sdk",
  description:
    "Build, seal, sign and send events to a ProofX log, and check what it answers. For Node and browsers.",
  type: "module",
  exports: { ".": { types: "./types/sdk/index.d.ts", default: "./index.js" } },
  types: "./types/sdk/index.d.ts",
  sideEffects: false,
  files: ["index.js", "types", "NOTICES"],
};

/** `import { z }` is one object with all of zod, its 50 languages too; of `import * as z` the bundler keeps what is used. */
const ZOD_IN_PARTS: Plugin = {
  name: "zod in parts",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace('import { z } from "zod"', 'import * as z from "zod"'),
      loader: "ts",
    }));
  },
};

try {
  console.log(relative(process.cwd(), await pack()));
} catch (error) {
  if (!(error instanceof ProofXError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = error.exitCode;
}

/** @returns The package's file. Two runs at a time do not disturb each other: each works in a folder of its own. */
async function pack(): Promise<string> {
  mkdirSync(OUT, { recursive: true });
  const work = mkdtempSync(join(OUT, ".making-"));
  try {
    const folder = join(work, "package");
    const { version, license, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const bundled = await bundle(folder);
    declareTypes(work, folder);
    writeFileSync(join(folder, "NOTICES"), bundled.map(noticeOf).join("\n"));
    copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
    copyFileSync(join(ROOT, "docs/sdk.md"), join(folder, "README.md"));
    const manifest = { ...MANIFEST, version, license, engines };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", work], folder);
    const name = `${MANIFEST.name}-${version}.tgz`;
    renameSync(join(work, name), join(OUT, name));
    return join(OUT, name);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the module. @returns Names of the packages that are in it. */
async function bundle(folder: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/sdk/index.ts"],
    outfile: join(folder, "index.js"),
    bundle: true,
    format: "esm",
    // Neither Node's built-ins nor its globals are there: what asked for one would not build.
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    plugins: [ZOD_IN_PARTS],
    metafile: true,
    legalComments: "none",
    logLevel: "warning",
  });
  const packages = Object.keys(metafile.inputs).map(
    (input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1],
  );
  return [...new Set(packages.filter((name) => name !== undefined))].sort();
}

/** Types beside the module; they name nothing outside of the package. */
function declareTypes(work: string, folder: string): void {
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(ROOT, "src"),
      outDir: join(folder, "types"),
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: [],
    files: [join(ROOT, "src/sdk/index.ts")],
  };
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify(config));
  run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", work], ROOT);
  for (const name of globSync("types/**/*.d.ts", { cwd: folder })) {
    const file = join(folder, name);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replaceAll(/(from "\.[^"]*|import\("\.[^"]*)\.ts"/g, '$1.js"'),
    );
  }
  dropUnreached(folder);
}

/** The compiler declares every file that the code uses; the package keeps what its types lead to. */
function dropUnreached(folder: string): void {
  const reached = new Set<string>();
  const follow = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]*)\.js"/g)) {
      follow(resolve(file, "..", `${target}.d.ts`));
    }
  };
  follow(resolve(folder, MANIFEST.types));
  for (const name of globSync("types/**/*.d.ts", { cwd: folder })) {
    if (!reached.has(resolve(folder, name))) rmSync(join(folder, name));
  }
}

function noticeOf(name: string): string {
  const folder = join(ROOT, "node_modules", ...name.split("/"));
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = ["LICENSE", "LICENSE.md", "LICENCE"].map((each) => join(folder, each)).find(existsSync);
  if (file === undefined)
    throw new UnavailableError(`${relative(ROOT, folder).split(sep).join("/")} has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(file, "utf8").trim()}\n`;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  throw new UnavailableError(
    `${command} ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`,
  );
}
