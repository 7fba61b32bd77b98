/** Runbooks: pages whose steps are commands. */
export { type Fence, isFence, type Part, readAttributes, readParts, timeoutOf } from "./fences.ts";
export { RUNBOOK_FOLDER, readRunbook, readRunbooks, runbookNames } from "./folder.ts";
export { parseRunbook, type Runbook, type RunbookStep, SECTIONS } from "./page.ts";
export { missingInputs, missingLine, runStep, type StepEnvironment, type StepResult } from "./run.ts";
