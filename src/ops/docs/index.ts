export { checkDocs, type DocsFault, type DocsReport, type StalePage } from "./check.ts";
export { type DocsPage, type Named, readPage } from "./page.ts";
