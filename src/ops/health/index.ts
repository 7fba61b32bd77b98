export { lookAtContracts, lookAtHead } from "./contracts.ts";
export {
  type Examination,
  examineHealth,
  type Health,
  type HealthLine,
  type HealthStatus,
  type Look,
  type PartHealth,
} from "./examine.ts";
export { PARTS } from "./parts.ts";
export { screenOf } from "./screen.ts";
