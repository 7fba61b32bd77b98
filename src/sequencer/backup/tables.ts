import type { Sql } from "../store/index.ts";

/** A table of the schema: its columns in their order, and those of its key. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
}

export interface Column {
  readonly name: string;
  /** As PostgreSQL writes it, e.g. `bytea[]`. */
  readonly type: string;
  /** Its numbers come from a sequence, which has to go on after the largest. */
  readonly identity: boolean;
}

/** What unwraps payloads: kept in a file of its own, of which only the newest is kept, so that erasing a key erases it from backups. */
export const KEY_TABLES: readonly string[] = ["tenant_keys", "data_keys"];

/** Kept in a backup's first line instead. */
const BOOKKEEPING: readonly string[] = ["migrations"];

/** After all that does not need it: whoever reads on meets batches and checkpoints before the events they are made of. */
const LAST = "events";

/** All tables of the schema in an order in which they can be filled: what a table refers to stands before it. */
export async function tablesInOrder(sql: Sql): Promise<Table[]> {
  const columns = await sql.query<Column & { table: string }>(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attidentity <> '' AS identity
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'proofx' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.relname, a.attnum`,
  );
  const keys = await sql.query<{ table: string; name: string }>(
    `SELECT c.relname AS table, a.attname AS name
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
     WHERE n.nspname = 'proofx' AND i.indisprimary ORDER BY c.relname, array_position(i.indkey::int2[], a.attnum)`,
  );
  const names = [...new Set(columns.map(({ table }) => table))].filter((name) => !BOOKKEEPING.includes(name));
  const tables = new Map<string, Table>(
    names.map((name) => [
      name,
      {
        name,
        columns: columns
          .filter(({ table }) => table === name)
          .map(({ name: column, type, identity }) => ({ name: column, type, identity })),
        key: keys.filter(({ table }) => table === name).map(({ name: column }) => column),
      },
    ]),
  );
  return inOrder(names, await references(sql)).flatMap((name) => tables.get(name) ?? []);
}

async function references(sql: Sql): Promise<Map<string, Set<string>>> {
  const rows = await sql.query<{ from: string; to: string }>(
    `SELECT f.relname AS from, t.relname AS to FROM pg_constraint k
     JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace n ON n.oid = f.relnamespace
     WHERE n.nspname = 'proofx' AND k.contype = 'f' AND f.oid <> t.oid`,
  );
  const all = new Map<string, Set<string>>();
  for (const { from, to } of rows) all.set(from, (all.get(from) ?? new Set()).add(to));
  return all;
}

function inOrder(names: readonly string[], needs: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done: string[] = [];
  const left = new Set(names);
  while (left.size > 0) {
    const ready = [...left].filter((name) => [...(needs.get(name) ?? [])].every((other) => !left.has(other)));
    const next = ready.find((name) => name !== LAST) ?? ready[0];
    if (next === undefined)
      throw new Error(`tables refer to each other in a circle: ${[...left].join(", ")}`);
    left.delete(next);
    done.push(next);
  }
  return done;
}

/** A name of the schema within SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
