import { CheckError } from "../../core/errors.ts";
import { type Json, readFields } from "../../core/json.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import { type AuditFile, type AuditJson, auditSchema } from "./schema.ts";

/** Of the whole file: a payload in it may be nested as deep as one in a request. */
const DEPTH = 80;

/**
 * Reads an auditor's file. It has one spelling, so that no byte of it can be altered unseen.
 *
 * @param name For error texts.
 * @throws InputError `name: field: expected X, got Y`; CheckError for another spelling of the same content.
 */
export function parseAudit(text: string, name = "audit file"): AuditFile {
  const json = parseStrictJson(text, { depth: DEPTH }, name);
  const file = readFields(auditSchema, json, name);
  if (spelled(json) !== text) {
    throw new CheckError(
      `${name}: it was changed after it was written: its spelling is not the one it was written in`,
      {
        next: "ask for the file again, and hand it on unformatted",
      },
    );
  }
  return file;
}

/** A file's text; what `parseAudit` reads. */
export function auditText(file: AuditJson): string {
  return spelled(JSON.parse(JSON.stringify(file)));
}

function spelled(json: Json): string {
  return `${JSON.stringify(json, null, 1)}\n`;
}
