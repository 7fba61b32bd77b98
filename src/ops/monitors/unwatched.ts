/** Events of our contracts that nobody is told of, by their names, with the reason; every other one has a rule. */
export const UNWATCHED: Readonly<Record<string, string>> = {
  BatchAnchored: "what goes on all day; AnchorLate tells when it does not, HeadsApart when it is wrong",
  CallSalt: "belongs to CallScheduled of the same transaction",
  DefaultAdminDelayChangeCanceled: "calls off what AdminDelayChanging told of; all is as before",
  EIP712DomainChanged: "never emitted: the domain is fixed",
  Initialized: "only when the proxy is made or upgraded, of which Upgraded tells",
};
