/** What is kept at rest: the formats of sealed records, the keys that seal them, and the keeper's work on both. */
export { type EventPlace, eventAad, type ProofPlace, proofAad } from "./aad.ts";
export { type Erased, Keeper, type Rewrapped } from "./keeper.ts";
export { DATA_KEY_DESTROYED, Keyring, type Owner, PayloadErased, type Sealer } from "./keyring.ts";
export { readLegacyKeys } from "./legacy-keys.ts";
export { type AgentKey, listKeys, type TenantKeys } from "./list.ts";
export { type Reencrypted, type ReencryptOptions, reencrypt } from "./reencrypt.ts";
export { type AtRestSettings, atRestSettings, SEALING_MODES, type SealingMode } from "./settings.ts";
export { type DataKey, dataKey, dataKeyIdOf, isSse2, openRecord, SSE2_OVERHEAD, sealRecord } from "./sse2.ts";
