import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

interface Compiler {
  version(): string;
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
}

const SOURCES = "contracts/{compliance,interfaces,libraries}/**/*.sol";
/** What Slither reads; the optimizer is off, because the source is analysed and no code is deployed. */
const SETTINGS = {
  evmVersion: "cancun",
  optimizer: { enabled: false },
  outputSelection: {
    "*": {
      "": ["ast"],
      "*": [
        "abi",
        "devdoc",
        "userdoc",
        "evm.bytecode.object",
        "evm.bytecode.sourceMap",
        "evm.deployedBytecode.object",
        "evm.deployedBytecode.sourceMap",
      ],
    },
  },
};

/**
 * Compiles the contracts by the compiler from npm and writes what Slither takes for Hardhat's build info: the real one
 * names sources in a way that Slither does not find, and holds the tests as well.
 *
 * @param folder Is made anew; gets `build-info/`.
 * @throws Error with the compiler's own text.
 */
export function writeBuildInfo(root: string, folder: string): void {
  const require = createRequire(import.meta.url);
  const compiler = require("solc") as Compiler;
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const sources = Object.fromEntries(
    globSync(SOURCES, { cwd: root }).map((path) => [path, { content: read(path) }]),
  );
  const input = { language: "Solidity", sources, settings: SETTINGS };
  const output = JSON.parse(
    compiler.compile(JSON.stringify(input), {
      import: (path) => ({ contents: read(join("node_modules", path)) }),
    }),
  ) as Output;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const buildInfo = join(folder, "build-info");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(buildInfo, { recursive: true });
  const solcVersion = compiler.version().split("+")[0];
  writeFileSync(join(buildInfo, "contracts.json"), JSON.stringify({ solcVersion, input }));
  writeFileSync(join(buildInfo, "contracts.output.json"), JSON.stringify({ output }));
}
