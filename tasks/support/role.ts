import { InputError } from "../../src/core/errors.ts";
import { isRole, ROLE_NAMES, type Role } from "../../src/sequencer/auth/index.ts";

/** The value of `--role`. @throws InputError */
export function parseRole(text: string | undefined): Role {
  if (text !== undefined && isRole(text)) return text;
  throw InputError.expected("--role", `one of ${ROLE_NAMES.join(", ")}`, text);
}

/** A row's dates, as a list shows them. */
export function shownDates(createdAt: number, revokedAt: number | undefined): string {
  const day = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);
  return revokedAt === undefined ? day(createdAt) : `${day(createdAt)}  revoked ${day(revokedAt)}`;
}
