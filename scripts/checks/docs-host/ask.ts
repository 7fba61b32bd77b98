// `npx hardhat ARGS` of a documentation's block, run by the process that has Hardhat loaded (server.ts). It is started for every
// command, so it loads nothing.
import { connect } from "node:net";
import type { Answer, Question } from "./server.ts";

const question: Question = { args: process.argv.slice(2), env: process.env };
const socket = connect(process.env.PROOFX_DOCS_HOST ?? "");
let text = "";
let exitCode = 1;
socket.setEncoding("utf8");
socket.write(`${JSON.stringify(question)}\n`);
socket.on("data", (part: string) => {
  text += part;
  const lines = text.split("\n");
  text = lines.pop() ?? "";
  for (const line of lines) take(JSON.parse(line) as Answer);
});
socket.on("close", () => {
  process.exitCode = exitCode;
});

function take(answer: Answer): void {
  if (answer.out !== undefined) process.stdout.write(answer.out);
  if (answer.err !== undefined) process.stderr.write(answer.err);
  exitCode = answer.exitCode ?? exitCode;
}
