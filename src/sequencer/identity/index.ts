/** Who the log is: its name, its registrar, the keys it signs with, and their rotation. */
export { findIdentity, type LogIdentity, readIdentity } from "./identity.ts";
export { type InitializedLog, type InitOptions, initLog } from "./init.ts";
export {
  announceServiceKeys,
  type DueServiceKey,
  dueServiceKeys,
  publishedKeys,
  type RotationParts,
  rotateServiceKey,
} from "./rotate.ts";
export {
  activeKeys,
  readServiceKeys,
  SERVICE_PURPOSES,
  type ServiceKey,
  type ServicePurpose,
} from "./service-keys.ts";
export { openSigners, type ServiceSigner, type ServiceSigners } from "./signers.ts";
