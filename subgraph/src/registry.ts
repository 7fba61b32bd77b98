// What the manifest calls for the registry, by file.
export { handleRoleAdminChanged, handleRoleGranted, handleRoleRevoked } from "./access";
export {
  handleDefaultAdminDelayChangeCanceled,
  handleDefaultAdminDelayChangeScheduled,
  handleDefaultAdminTransferCanceled,
  handleDefaultAdminTransferScheduled,
} from "./admin";
export { handleBatchAnchored, handleBatchVetoed } from "./batches";
export { handleAnchorerReplaced, handleStreamOpened, handleStreamReopened } from "./streams";
