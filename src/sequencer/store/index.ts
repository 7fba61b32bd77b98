/** Where the log is kept: PostgreSQL, or PGlite in this process. */
export { type ElementType, SqlList } from "./binary-array.ts";
export * from "./database.ts";
export { allMigrations, type MigrateOptions, type Migration, migrate, pending } from "./migrate.ts";
export { requireNewestSchema } from "./newest.ts";
export { atOneMoment } from "./one-moment.ts";
export { holdsDatabase, openPglite } from "./pglite.ts";
export { openPostgres, type PostgresOptions } from "./postgres.ts";
export { type OpenOptions, openStore, type StoreSettings, storeSettings } from "./settings.ts";
