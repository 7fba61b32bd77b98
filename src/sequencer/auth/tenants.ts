import { randomUUID } from "node:crypto";
import { InputError, RefusedError } from "../../core/errors.ts";
import { type Database, type Sql, sqlState } from "../store/index.ts";

/** A tenant: whose rows nobody else sees. */
export interface Tenant {
  readonly tenantId: string;
  readonly name: string;
  readonly created: boolean;
}

const NAME_FORM = "1 to 200 characters without control characters";

/** A name that people read in lists. @throws InputError naming `what`. */
export function checkName(what: string, name: string): string {
  if (/^[^\p{Cc}]{1,200}$/u.test(name)) return name;
  throw InputError.expected(what, NAME_FORM, name);
}

/**
 * Makes a tenant, under its id when one is given: then a repeat changes nothing.
 *
 * @param keeper The database as the keeper.
 * @throws RefusedError when the id is that of a tenant of another name.
 */
export async function createTenant(
  keeper: Database,
  { tenantId = randomUUID(), name, now = Date.now() }: { tenantId?: string; name: string; now?: number },
): Promise<Tenant> {
  checkName("tenant's name", name);
  return await keeper.transaction(null, async (sql) => {
    const made = await sql.query(
      `INSERT INTO proofx.tenants (tenant_id, name, created_at) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id) DO NOTHING RETURNING tenant_id`,
      [tenantId, name, BigInt(now)],
    );
    if (made.length > 0) return { tenantId, name, created: true };
    const [row] = await sql.query<{ name: string }>("SELECT name FROM proofx.tenants WHERE tenant_id = $1", [
      tenantId,
    ]);
    if (row?.name === name) return { tenantId, name, created: false };
    throw new RefusedError(`tenant ${tenantId} is there already and has another name`, {
      next: "leave out --tenant for a new one",
    });
  });
}

/** Inserts a row that belongs to a tenant. @throws InputError when there is no such tenant. */
export async function insertForTenant(tenant: string, insert: () => ReturnType<Sql["query"]>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (sqlState(error) !== "23503") throw error;
    throw InputError.expected(
      "tenant",
      "the UUID of a tenant that is there",
      tenant,
      "npx hardhat tenant create --name NAME",
    );
  }
}
