/** JSON Schemas that payloads are held to, one an event type of a tenant. */
export { type EventSchema, Schemas, type SchemasParts } from "./schemas.ts";
