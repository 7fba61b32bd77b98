import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findLeoFaults } from "../../scripts/checks/leo.ts";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { faultLine } from "../../scripts/checks/support/sources.ts";
import { UnavailableError } from "../../src/core/errors.ts";

const NO_COMPILER = { PATH: "" };

/** A copy of `leo/`, gone after the test that made it. */
function copyPrograms(): Disposable & { readonly leo: string; readonly file: (path: string) => string } {
  const root = mkdtempSync(join(tmpdir(), "proofx-leo-check-"));
  const leo = join(root, "leo");
  cpSync(join(ROOT, "leo"), leo, { recursive: true });
  return {
    leo,
    file: (path) => join(leo, path),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * Stands for a compiler: says a version, and "builds" by copying a folder's committed output, changed by a sed script.
 * The real one takes an hour to build; what it makes of the sources is compared where it is installed.
 */
function copyingCompiler(leo: string, version: string, sed: string): NodeJS.ProcessEnv {
  const file = join(leo, "..", "copying-compiler");
  writeFileSync(
    file,
    `#!/bin/sh
if [ "$1" = --version ]; then echo "leo ${version}"; exit; fi
folder=$(basename "$PWD")
made=build/$(sed -n 's/.*"program": "\\(.*\\)\\.aleo".*/\\1/p' program.json)
mkdir -p "$made"
sed '${sed}' "${leo}/$folder/build/main.aleo" > "$made/$(basename "$made").aleo"
cp "${leo}/$folder/build/abi.json" "$made/abi.json"
`,
  );
  chmodSync(file, 0o755);
  return { PATH: "", LEO: file };
}

async function faultsOf(leo: string, env: NodeJS.ProcessEnv = NO_COMPILER): Promise<string[]> {
  return (await findLeoFaults(leo, env)).faults.map(faultLine);
}

describe("the Aleo programs' builds", function () {
  this.timeout(60_000);

  it("pass as they are committed, and a machine without the compiler says that it compared hashes", async () => {
    using programs = copyPrograms();
    const { how, faults } = await findLeoFaults(programs.leo, NO_COMPILER);
    expect(faults).to.deep.equal([]);
    expect(how).to.contain("not compiled: there is no leo on PATH");
  });

  it("a source changed after the build is named", async () => {
    using programs = copyPrograms();
    appendFileSync(programs.file("agent_registry/src/scoring.leo"), "// changed\n");
    expect(await faultsOf(programs.leo)).to.deep.equal([
      "leo/agent_registry/build/build.json:1  stale-build: sources: changed since it was built: src/scoring.leo",
    ]);
  });

  it("a source added or taken away after the build is named", async () => {
    using programs = copyPrograms();
    writeFileSync(programs.file("trust_verifier/src/more.leo"), "const MORE: u8 = 1u8;\n");
    rmSync(programs.file("agent_registry/src/scoring.leo"));
    const faults = (await faultsOf(programs.leo)).join("\n");
    expect(faults).to.contain("leo/trust_verifier/build/build.json:1  stale-build: sources");
    expect(faults).to.contain("src/more.leo");
    expect(faults).to.contain("src/scoring.leo");
  });

  it("an instruction changed by hand shows in the program, its checksum and whoever imports it", async () => {
    using programs = copyPrograms();
    const main = programs.file("agent_registry/build/main.aleo");
    const changed = readFileSync(main, "utf8").replace("ternary r19 86400u32", "ternary r19 0u32");
    expect(changed).not.to.equal(readFileSync(main, "utf8"));
    writeFileSync(main, changed);
    const faults = (await faultsOf(programs.leo)).join("\n");
    expect(faults).to.contain("outputs: changed since it was built: main.aleo");
    expect(faults).to.contain("checksum: recorded ");
    expect(faults).to.contain("leo/trust_verifier/build/build.json:1  stale-build: imports");
  });

  it("with the compiler of that version, its output is compared byte for byte", async () => {
    using programs = copyPrograms();
    const same = await findLeoFaults(programs.leo, copyingCompiler(programs.leo, "4.4.2", ""));
    expect(same.how).to.equal("compiled again with leo 4.4.2 and compared byte for byte");
    expect(same.faults).to.deep.equal([]);
    const other = copyingCompiler(
      programs.leo,
      "4.4.2",
      "s/assert.eq self.caller self.signer/assert.eq true true/",
    );
    expect(await faultsOf(programs.leo, other)).to.deep.equal([
      "leo/agent_registry/build/main.aleo:1  stale-build: differs from a new build",
    ]);
  });

  it("a compiler of another version is not believed to make the same", async () => {
    using programs = copyPrograms();
    const { how } = await findLeoFaults(programs.leo, copyingCompiler(programs.leo, "4.0.2", ""));
    expect(how).to.contain("not compiled: the leo here is 4.0.2, not 4.4.2");
  });

  it("LEO that names no compiler is an error, not a reason to compare hashes", async () => {
    const failed = await findLeoFaults(join(ROOT, "leo"), { LEO: join(ROOT, "absent/leo") }).catch(
      (error: unknown) => error,
    );
    expect(failed).to.be.instanceOf(UnavailableError);
  });
});
