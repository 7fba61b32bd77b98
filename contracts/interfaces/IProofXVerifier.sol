// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IAnchorRegistry} from "./IAnchorRegistry.sol";
import {Proof} from "./IGroth16Verifier.sol";

/// @notice A linear rule on an event's facts: `lower <= sum(weights[i] * amounts[i]) <= upper`, and bit `category` of
/// the mask is set.
struct Policy {
    int32[4] weights;
    int256 lower;
    int256 upper;
    uint64 categoryMask;
}

/// @notice What a signer vouches for, EIP-712 typed.
/// @param agentId The agent's UUID.
/// @param batchIndex, end, matureAt, factsRoot The anchored batch, as in `BatchRef`.
/// @param proofHash `keccak256(abi.encode(proof))`.
/// @param submitter The one address that may send it.
/// @param nonce Keyed nonce of the signer (192-bit key, 64-bit counter); used up by success and by failure.
/// @param deadline Last unix time (s) at which it may be sent.
struct Submission {
    uint256 policyId;
    bytes32 streamId;
    bytes16 agentId;
    uint64 batchIndex;
    uint64 end;
    uint64 matureAt;
    bytes32 factsRoot;
    uint32 circuitVersion;
    bytes32 proofHash;
    address submitter;
    uint256 nonce;
    uint64 deadline;
}

/// @notice The newest attestation of a (subject, policy).
/// @param signer Who vouched; zero if there is none.
/// @param circuitVersion The version whose circuit verifier accepted the proof.
/// @param epoch The stream's epoch at the time.
/// @param batchIndex, end The batch the proof stands on.
/// @param anchoredAt Unix time (s) at which that batch was anchored.
/// @param attestedAt Unix time (s) of the attestation.
struct Attestation {
    address signer;
    uint32 circuitVersion;
    uint32 epoch;
    uint64 batchIndex;
    uint64 end;
    uint64 anchoredAt;
    uint64 attestedAt;
}

/// @notice Life of a circuit version; it only moves down this list.
enum CircuitStatus {
    None,
    Added,
    Active,
    Superseded,
    Broken
}

/// @notice Who and what a new deployment starts with. The deployer gets nothing.
/// @param admin Default admin.
/// @param adminDelay Seconds between the two steps of handing that role over.
/// @param timelock Sole holder of `UPGRADER_ROLE` and `CIRCUIT_ROLE`.
/// @param registry The `AnchorRegistry` that proofs stand on.
/// @param circuitVerifier Circuit verifier of circuit version 1, active at once.
/// @param guardians Holders of `PAUSER_ROLE`.
/// @param signers Holders of `SIGNER_ROLE`.
/// @param policyAdmins Holders of `POLICY_ROLE`.
struct InitParams {
    address admin;
    uint48 adminDelay;
    address timelock;
    address registry;
    address circuitVerifier;
    address[] guardians;
    address[] signers;
    address[] policyAdmins;
}

/// @title Attestations that committed events satisfied registered policies
/// @notice An attestation says: at least one committed event, chosen by the prover, satisfied the policy. It never says
/// that all events of a period did.
/// @dev Warning: the default admin chooses signers, policy admins and guardians, can pause, and can distrust. It cannot
/// switch a circuit verifier or the implementation: both belong to the timelock, whose roles are their own admins.
/// @dev Warning: the default admin, by naming itself anchorer and signer, can attest facts that no agent signed. That is
/// visible in events, and counts only after the stream's maturity delay.
/// @dev Warning: if more than 256 batches of a stream are anchored within its maturity delay, no facts root of the stream
/// ever counts: each leaves the registry's ring before it is mature, and nothing can be attested.
interface IProofXVerifier {
    /// @notice A proof was checked. `verified == false` records an authorised signer's invalid proof and nothing else.
    event ProofVerified(
        address indexed signer,
        uint256 indexed subject,
        uint256 indexed policyId,
        bool verified,
        uint64 batchEnd,
        uint32 circuitVersion
    );
    /// @notice A policy was registered, in plain and with the hash that proofs are made against.
    event PolicyRegistered(
        uint256 indexed policyId,
        uint256 policyHash,
        int32[4] weights,
        int256 lower,
        int256 upper,
        uint64 categoryMask
    );
    /// @notice A policy was retired for good.
    event PolicyRetired(uint256 indexed policyId);
    /// @notice A circuit verifier was named; `codeHash` is the hash of its deployed code at that time.
    event CircuitVersionAdded(uint32 indexed circuitVersion, address indexed circuitVerifier, bytes32 codeHash);
    /// @notice Proofs of this version are let in from now on.
    event CircuitVersionActivated(uint32 indexed circuitVersion);
    /// @notice Proofs of this version are refused from now on; if `broken`, its attestations do not stand either.
    event CircuitVersionRetired(uint32 indexed circuitVersion, bool broken);
    /// @notice Views answer false for what this version attested at or after `since` (unix time, s).
    event CircuitVersionDistrusted(uint32 indexed circuitVersion, uint64 since);
    /// @notice Views answer false for what this signer vouched for at or after `since` (unix time, s).
    event SignerDistrusted(address indexed signer, uint64 since);
    /// @notice `account` paused attesting until `until` (unix time, s).
    event PausedUntil(address indexed account, uint64 until);
    /// @notice `account` ended the pause.
    event Unpaused(address indexed account);
    /// @notice A guardian may pause once more.
    event GuardianRearmed(address indexed guardian);

    /// @notice An address that must be somebody's is zero.
    error ZeroAddress();
    /// @notice The submission came after its deadline (unix times, s).
    error DeadlinePassed(uint64 deadline, uint64 timestamp);
    /// @notice The submission names another sender.
    error WrongSubmitter(address expected, address given);
    /// @notice The proof is not the one that was vouched for.
    error WrongProofHash(bytes32 expected, bytes32 given);
    /// @notice Whoever signed this does not hold `SIGNER_ROLE`.
    error SignerNotAuthorised(address signer);
    /// @notice The signer is distrusted since `since` (unix time, s): nothing of it is taken any more.
    error SignerIsDistrusted(address signer, uint64 since);
    /// @notice The policy does not exist or is retired.
    error PolicyNotActive(uint256 policyId);
    /// @notice A policy's bound is 2^100 or more in size.
    error PolicyBoundTooLarge(int256 given);
    /// @notice A policy's lower bound is above its upper bound.
    error PolicyBoundsCrossed(int256 lower, int256 upper);
    /// @notice No circuit version has this number.
    error CircuitVersionUnknown(uint32 circuitVersion);
    /// @notice Proofs of this version are not let in.
    error CircuitVersionNotActive(uint32 circuitVersion, CircuitStatus status);
    /// @notice The version's status does not allow this change.
    error CircuitVersionWrongStatus(uint32 circuitVersion, CircuitStatus expected, CircuitStatus given);
    /// @notice The version is distrusted since `since` (unix time, s): no proof of it is taken any more.
    error CircuitVersionIsDistrusted(uint32 circuitVersion, uint64 since);
    /// @notice There is no contract at the address.
    error CircuitVerifierHasNoCode(address circuitVerifier);
    /// @notice The account only delegates its code (EIP-7702) and could change it at any time.
    error CircuitVerifierDelegates(address circuitVerifier);
    /// @notice The version was added with another circuit verifier than the one to activate.
    error WrongCircuitVerifier(address expected, address given);
    /// @notice The code hash to activate, or that of the code deployed now, is not the one recorded with the version.
    error WrongCodeHash(bytes32 expected, bytes32 given);
    /// @notice The timelock must be another account than the default admin, or nothing would be delayed.
    error TimelockIsAdmin(address admin);
    /// @notice A public signal is not below the scalar field's order.
    error SignalNotInField(uint256 given);
    /// @notice The proof's batch does not move the attestation forward.
    error NotNewer(uint64 recordedBatchIndex, uint64 givenBatchIndex);
    /// @notice Too little gas is left to check the proof and record the outcome.
    error NotEnoughGas(uint256 required, uint256 available);
    /// @notice The three lists differ in length.
    error LengthMismatch(uint256 submissions, uint256 proofs, uint256 signatures);
    /// @notice There is nothing in the batch.
    error EmptyBatch();
    /// @notice A batch holds proofs of one circuit version only.
    error MixedCircuitVersions(uint32 expected, uint32 given);
    /// @notice At least one proof of the batch does not hold.
    error BatchProofInvalid();
    /// @notice Distrust cannot begin in the future (unix times, s).
    error SinceInFuture(uint64 since, uint64 timestamp);
    /// @notice Distrust only widens: `given` must be before what is recorded (unix times, s).
    error DistrustNotEarlier(uint64 recorded, uint64 given);
    /// @notice Attesting is paused until `until` (unix time, s).
    error EnforcedPause(uint64 until);
    /// @notice There is no pause to end.
    error ExpectedPause();
    /// @notice This guardian used its right to pause; the default admin can re-arm it.
    error GuardianSpent(address guardian);
    /// @notice This guardian did not use its right to pause.
    error GuardianAlreadyArmed(address guardian);
    /// @notice Guardians paused for 7 days already; they can again from `availableFrom` (unix time, s).
    error PauseBudgetSpent(uint64 availableFrom);

    /// @notice Role that vouches for submissions.
    function SIGNER_ROLE() external view returns (bytes32);

    /// @notice Role of the guardians, who may pause.
    function PAUSER_ROLE() external view returns (bytes32);

    /// @notice Role that registers and retires policies.
    function POLICY_ROLE() external view returns (bytes32);

    /// @notice Role that replaces the implementation: the timelock's alone, and its own role admin.
    function UPGRADER_ROLE() external view returns (bytes32);

    /// @notice Role that activates circuit versions: the timelock's alone, and its own role admin.
    function CIRCUIT_ROLE() external view returns (bytes32);

    /// @notice Sets up a new proxy, once. Circuit version 1 is active afterwards.
    /// @dev Warning: `timelock` and `registry` must be contracts, a timelock with a delay and an `AnchorRegistry`. Only
    /// zero and a timelock that is the admin are refused here: check both addresses before deploying.
    function initialize(InitParams calldata params) external;

    /// @notice The anchors that proofs stand on.
    function registry() external view returns (IAnchorRegistry);

    /// @notice Checks one proof and moves the attestation of (subject, policy) forward.
    /// @dev Forward: to a later batch; to the same or a later one if the recorded attestation is distrusted; to any if its
    /// batch was cut. A proof that does not hold is recorded by the event, uses up the nonce and changes nothing else.
    /// @param submission What the signer vouches for; sent by its `submitter`, up to its deadline.
    /// @param proof The proof whose hash is in `submission`.
    /// @param signature 65-byte EIP-712 signature over `submission` by an address with `SIGNER_ROLE`.
    /// @return verified Whether the proof held.
    function attest(Submission calldata submission, Proof calldata proof, bytes calldata signature)
        external
        returns (bool verified);

    /// @notice Checks many proofs of one circuit version at once; one bad proof reverts them all and uses no nonce.
    /// @dev Items are taken in order: a later item of the same (subject, policy) must move it further forward.
    function attestBatch(Submission[] calldata submissions, Proof[] calldata proofs, bytes[] calldata signatures)
        external;

    /// @notice Registers a policy in plain; the contract computes its hash. `POLICY_ROLE`.
    function registerPolicy(Policy calldata parameters) external returns (uint256 policyId);

    /// @notice Retires a policy for good; its attestations answer false from now on. `POLICY_ROLE` or default admin.
    function retirePolicy(uint256 policyId) external;

    /// @notice Names a circuit verifier and records the hash of its code; without effect until the timelock activates
    /// it. Default admin.
    function addCircuitVersion(address circuitVerifier) external returns (uint32 version);

    /// @notice Lets proofs of an added version in. `CIRCUIT_ROLE` (the timelock).
    /// @dev The scheduled call names the code, so that the timelock's delay covers what goes in, not only its number.
    /// Warning: a code hash says what runs only if that code calls, delegates to and reads nothing that can change.
    /// @param circuitVerifier The circuit verifier recorded with the version.
    /// @param codeHash The hash of its code, recorded with the version and still that of the code deployed now.
    function activateCircuitVersion(uint32 version, address circuitVerifier, bytes32 codeHash) external;

    /// @notice Ends a version at once: superseded (its attestations carry over) or broken (they do not). Default admin.
    /// A superseded version may still be found broken; nothing comes back.
    function retireCircuitVersion(uint32 version, bool broken) external;

    /// @notice Makes views answer false for what a version attested at or after `since`. Default admin. Only ever widens.
    function distrustCircuitVersion(uint32 version, uint64 since) external;

    /// @notice Makes views answer false for what a signer attested at or after `since`, and refuses it from now on.
    /// Default admin. Only ever widens.
    function distrustSigner(address signer, uint64 since) external;

    /// @notice Pauses attesting at once. Every pause runs out by itself.
    /// @dev A guardian: for 7 days or what is left of the guardians' common budget (7 days, full again after 30 days
    /// without a guardian's pause), once until re-armed, and not while paused. The default admin: until 30 days from now,
    /// also over a running pause.
    function pause() external;

    /// @notice Ends a pause; what a guardian's pause did not use goes back to the budget. Default admin.
    function unpause() external;

    /// @notice Gives a guardian its right to pause back. Default admin.
    function rearmGuardian(address guardian) external;

    /// @notice Unix time (s) until which attesting is paused; in the past or 0 when it is not.
    function pausedUntil() external view returns (uint64);

    /// @notice Whether attesting is paused now.
    function paused() external view returns (bool);

    /// @notice Whether a guardian used its right to pause and was not re-armed.
    function guardianSpent(address guardian) external view returns (bool);

    /// @notice Whether at least one committed event of the agent satisfied this active policy, in a batch anchored
    /// within the last `maxAge` seconds, and nothing distrusts that attestation.
    function isCompliant(bytes32 streamId, bytes16 agentId, uint256 policyId, uint64 maxAge)
        external
        view
        returns (bool);

    /// @notice The recorded attestation, and whether it stands: nothing cut, retired or distrusted it.
    function attestation(bytes32 streamId, bytes16 agentId, uint256 policyId)
        external
        view
        returns (Attestation memory record, bool standing);

    /// @notice `keccak256(abi.encode("PROOFX_SUBJECT_V1", streamId, agentId)) mod p`.
    function subjectOf(bytes32 streamId, bytes16 agentId) external pure returns (uint256);

    /// @notice `keccak256(abi.encode(chainid, this, circuitVersion, submitter, deadline)) mod p`.
    function contextOf(uint32 version, address submitter, uint64 deadline) external view returns (uint256);

    /// @notice The Poseidon hash a proof is made against; pure, so anybody can compare before registering.
    function hashPolicy(Policy calldata parameters) external pure returns (uint256);

    /// @notice The EIP-712 digest a signer signs.
    function submissionDigest(Submission calldata submission) external view returns (bytes32);

    /// @notice A registered policy, its hash and whether it is active; all zero if there is none.
    function policy(uint256 policyId) external view returns (Policy memory parameters, uint256 policyHash, bool active);

    /// @notice Number of policies ever registered; ids run from 1 and are never reused.
    function policyCount() external view returns (uint256);

    /// @notice A circuit version; all zero if there is none. `distrustedSince` is `type(uint64).max` if it is trusted.
    function circuitVersion(uint32 version)
        external
        view
        returns (address circuitVerifier, CircuitStatus status, uint64 distrustedSince);

    /// @notice Number of circuit versions ever added; they run from 1.
    function circuitVersionCount() external view returns (uint32);

    /// @notice Unix time (s) since which a signer is distrusted; `type(uint64).max` if it is not.
    function signerDistrustedSince(address signer) external view returns (uint64);
}
