import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { measure, REGENERATE, REPORT, type Report } from "./support/report.ts";

/** A 2^12 domain, with the rows that the public inputs and the constant take. */
const BUDGET = 4090;

describe("circuit constraints", function () {
  this.timeout(120_000);

  it("are as many as circuits/constraints.json says, within the budget", async () => {
    const committed = JSON.parse(await readFile(REPORT, "utf8")) as Report;
    expect(await measure(), `to accept the new figures: ${REGENERATE}`).to.deep.equal(committed);
    expect(committed.compliance?.constraints).to.be.at.most(BUDGET);
  });
});
