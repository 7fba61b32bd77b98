-- Every role sees which steps ran, so that a service can refuse a schema that is not its own without the owner's rights.
GRANT SELECT ON proofx.migrations TO proofx_app, proofx_anchor, proofx_keeper;
