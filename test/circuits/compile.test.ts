import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CheckError, InputError } from "../../src/core/errors.ts";
import { compileCircuit } from "../../src/setup/compile.ts";

const BUILD = fileURLToPath(new URL("../../build", import.meta.url));
const NAME = "compile-test";
const MAIN =
  'pragma circom 2.1.6;\n// include "./gone.circom";\ninclude "./part.circom";\ncomponent main = Part();\n';
const part = (factor: number): string =>
  `pragma circom 2.1.6;\ntemplate Part() {\n signal input a;\n signal output b;\n b <== a * a * ${factor};\n}\n`;

describe("compiling a circuit", function () {
  this.timeout(60_000);
  let folder: string;
  let source: string;

  beforeEach(async () => {
    await mkdir(BUILD, { recursive: true });
    folder = await mkdtemp(join(BUILD, "compile-test-"));
    source = join(folder, "main.circom");
    await writeFile(source, MAIN);
    await writeFile(join(folder, "part.circom"), part(2));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(join(BUILD, "circuits", NAME), { recursive: true, force: true });
  });

  it("happens once for the same sources, and again when an included file changes", async () => {
    const first = await compileCircuit(NAME, { source });
    expect(first.cached).to.equal(false);
    expect((await compileCircuit(NAME, { source })).cached).to.equal(true);
    await writeFile(join(folder, "part.circom"), part(3));
    const changed = await compileCircuit(NAME, { source });
    expect(changed.cached).to.equal(false);
    expect(changed.sourceHash).to.not.equal(first.sourceHash);
    expect(await readFile(changed.r1cs)).to.not.deep.equal(await readFile(first.r1cs));
  });

  it("can be forced, and gives the same files", async () => {
    const first = await compileCircuit(NAME, { source });
    const before = await readFile(first.r1cs);
    await rm(first.wasm);
    const forced = await compileCircuit(NAME, { source, force: true });
    expect(forced.cached).to.equal(false);
    expect(await readFile(forced.r1cs)).to.deep.equal(before);
    expect((await readFile(forced.wasm)).length).to.be.greaterThan(0);
  });

  it("twice at once leaves one whole build and nothing half-made", async () => {
    const [a, b] = await Promise.all([compileCircuit(NAME, { source }), compileCircuit(NAME, { source })]);
    expect(a.r1cs).to.equal(b.r1cs);
    expect(await readdir(join(BUILD, "circuits", NAME))).to.have.length(1);
    expect((await readdir(dirname(a.r1cs))).sort()).to.deep.equal([
      `${NAME}.r1cs`,
      `${NAME}.sym`,
      `${NAME}.wasm`,
    ]);
  });

  it("that fails says why and leaves nothing", async () => {
    await writeFile(join(folder, "part.circom"), part(2).replace("b <==", "c <=="));
    const failure = await compileCircuit(NAME, { source }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(CheckError);
    expect(String(failure))
      .to.match(/part\.circom/)
      .and.not.to.include("\u001b");
    expect(await readdir(join(BUILD, "circuits", NAME))).to.deep.equal([]);
  });

  it("is refused for a name with a path in it, a circuit that is not there, a missing include", async () => {
    for (const name of ["../compliance", "no-such-circuit", ""]) {
      const failure = await compileCircuit(name).catch((error: unknown) => error);
      expect(failure, name).to.be.instanceOf(InputError);
    }
    await rm(join(folder, "part.circom"));
    const failure = await compileCircuit(NAME, { source }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(InputError);
    expect(String(failure)).to.match(/part\.circom/);
  });
});
