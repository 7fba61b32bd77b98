import { homedir } from "node:os";
import { expect } from "chai";
import { findForbidden, machineNames } from "../../scripts/checks/names.ts";
import { plant } from "./planted.ts";

const CHECKOUT = "/builds/somebody/proofx";

/** Lines of a text that name the machine. */
function linesFound(text: string, registry?: string): number[] {
  using tree = plant({ "a.md": text });
  return findForbidden(tree.root, tree.files, machineNames(CHECKOUT, registry)).map((fault) => fault.line);
}

describe("machine names", () => {
  it("the checkout's folder, the one round it and a home folder are found", () => {
    expect(linesFound(`fine\n${CHECKOUT}/src\n`)).to.deep.equal([2]);
    expect(linesFound("see /builds/somebody/notes.txt")).to.deep.equal([1]);
    expect(linesFound(`fine\nfine\n(${homedir()}/x)`)).to.deep.equal([3]);
    expect(linesFound(`"${"/home"}/ada/x"`)).to.deep.equal([1]);
  });

  it("a longer name, a relative path and the system's temporary folder are not", () => {
    expect(
      linesFound(`/builds/somebodyelse/src and ..${CHECKOUT} and /tmp/x and https://a.example/home/ada/`),
    ).to.deep.equal([]);
  });

  it("a private registry's host is found, the public one's is not", () => {
    expect(
      linesFound("from https://npm.corp.example/x", "https://npm.corp.example/repository/"),
    ).to.deep.equal([1]);
    expect(linesFound("from https://registry.npmjs.org/x", "https://registry.npmjs.org/")).to.deep.equal([]);
  });
});
