import { RefusedError } from "../../core/errors.ts";
import type { Database, Sql } from "../store/index.ts";

/** What is fixed once for a log. */
export interface LogIdentity {
  /** First part of every checkpoint's origin, e.g. `proofx.local`. */
  readonly logName: string;
  /** Agent id of the registrar, who signs the log's own events; UUID. */
  readonly registrarId: string;
  /** Where the operator's own events go; UUIDs. */
  readonly operatorTenant: string;
  readonly operatorStore: string;
}

/** The identity of this database's log, or undefined before `initLog`. */
export async function findIdentity(sql: Sql): Promise<LogIdentity | undefined> {
  const [row] = await sql.query<{
    log_name: string;
    registrar_id: string;
    operator_tenant: string;
    operator_store: string;
  }>("SELECT log_name, registrar_id, operator_tenant, operator_store FROM proofx.identity");
  return row === undefined
    ? undefined
    : {
        logName: row.log_name,
        registrarId: row.registrar_id,
        operatorTenant: row.operator_tenant,
        operatorStore: row.operator_store,
      };
}

/** The identity of this database's log. @throws RefusedError before `initLog`. */
export async function readIdentity(database: Database): Promise<LogIdentity> {
  const identity = await database.transaction(null, findIdentity);
  if (identity !== undefined) return identity;
  throw new RefusedError("this database holds no log yet", { next: "npx proofx log init" });
}
