export {
  type PostgresOptions,
  startPostgres,
  type TestPostgres,
} from "../../scripts/checks/support/postgres.ts";
