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

/// @title Attestations that committed events satisfied registered policies
/// @notice An attestation says: at least one committed event, chosen by the prover, satisfied the policy. It never says
/// that all events of a period did.
/// @dev Warning: the default admin chooses signers, policy admins and guardians, can pause, and can distrust. It can not
/// switch a circuit verifier or the implementation: both belong to the timelock, whose roles are their own admins.
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
    event PolicyRegistered(
        uint256 indexed policyId,
        uint256 policyHash,
        int32[4] weights,
        int256 lower,
        int256 upper,
        uint64 categoryMask
    );
    event PolicyRetired(uint256 indexed policyId);
    event CircuitVersionAdded(uint32 indexed circuitVersion, address indexed circuitVerifier, bytes32 codeHash);
    event CircuitVersionActivated(uint32 indexed circuitVersion);
    event CircuitVersionRetired(uint32 indexed circuitVersion, bool broken);
    /// @notice Views answer false for what this version or signer attested at or after `since` (unix time, s).
    event CircuitVersionDistrusted(uint32 indexed circuitVersion, uint64 since);
    event SignerDistrusted(address indexed signer, uint64 since);
    event PausedUntil(address indexed account, uint64 until);
    event Unpaused(address indexed account);
    event GuardianRearmed(address indexed guardian);

    error ZeroAddress();
    error DeadlinePassed(uint64 deadline, uint64 timestamp);
    error WrongSubmitter(address expected, address given);
    error WrongProofHash(bytes32 expected, bytes32 given);
    error SignerNotAuthorised(address signer);
    error SignerIsDistrusted(address signer, uint64 since);
    error PolicyNotActive(uint256 policyId);
    error PolicyBoundTooLarge(int256 given);
    error PolicyBoundsCrossed(int256 lower, int256 upper);
    error CircuitVersionNotActive(uint32 circuitVersion, CircuitStatus status);
    error CircuitVersionWrongStatus(uint32 circuitVersion, CircuitStatus expected, CircuitStatus given);
    error CircuitVersionIsDistrusted(uint32 circuitVersion, uint64 since);
    error CircuitVerifierHasNoCode(address circuitVerifier);
    error SignalNotInField(uint256 given);
    error NotNewer(uint64 recordedBatchIndex, uint64 givenBatchIndex);
    error NotEnoughGas(uint256 required, uint256 available);
    error LengthMismatch(uint256 submissions, uint256 proofs, uint256 signatures);
    error EmptyBatch();
    error MixedCircuitVersions(uint32 expected, uint32 given);
    error BatchProofInvalid();
    error SinceInFuture(uint64 since, uint64 timestamp);
    error DistrustNotEarlier(uint64 recorded, uint64 given);
    error EnforcedPause(uint64 until);
    error ExpectedPause();
    error GuardianSpent(address guardian);
    error GuardianAlreadyArmed(address guardian);
    error PauseBudgetSpent(uint64 availableFrom);

    function SIGNER_ROLE() external view returns (bytes32);
    function PAUSER_ROLE() external view returns (bytes32);
    function POLICY_ROLE() external view returns (bytes32);
    function UPGRADER_ROLE() external view returns (bytes32);
    function CIRCUIT_ROLE() external view returns (bytes32);

    /// @notice The anchors that proofs stand on.
    function registry() external view returns (IAnchorRegistry);

    /// @notice Checks one proof and moves the attestation of (subject, policy) forward.
    /// @param signature 65-byte EIP-712 signature over `submission` by an address with `SIGNER_ROLE`.
    /// @return verified Whether the proof held.
    function attest(Submission calldata submission, Proof calldata proof, bytes calldata signature)
        external
        returns (bool verified);

    /// @notice Checks many proofs of one circuit version at once; one bad proof reverts them all and uses no nonce.
    function attestBatch(Submission[] calldata submissions, Proof[] calldata proofs, bytes[] calldata signatures)
        external;

    /// @notice Registers a policy in plain; the contract computes its hash. `POLICY_ROLE`.
    function registerPolicy(Policy calldata policy) external returns (uint256 policyId);

    /// @notice Retires a policy for good; its attestations answer false from now on. `POLICY_ROLE` or default admin.
    function retirePolicy(uint256 policyId) external;

    /// @notice Names a circuit verifier; without effect until the timelock activates it. Default admin.
    function addCircuitVersion(address circuitVerifier) external returns (uint32 circuitVersion);

    /// @notice Lets proofs of an added version in. `CIRCUIT_ROLE` (the timelock).
    function activateCircuitVersion(uint32 circuitVersion) external;

    /// @notice Ends a version at once: superseded (its attestations carry over) or broken (they do not). Default admin.
    /// A superseded version may still be found broken; nothing comes back.
    function retireCircuitVersion(uint32 circuitVersion, bool broken) external;

    /// @notice Makes views answer false for what a version attested at or after `since`. Default admin. Only ever widens.
    function distrustCircuitVersion(uint32 circuitVersion, uint64 since) external;

    /// @notice Makes views answer false for what a signer attested at or after `since`, and refuses it from now on.
    /// Default admin. Only ever widens.
    function distrustSigner(address signer, uint64 since) external;

    /// @notice Pauses attesting at once: a guardian for at most 7 days, once until re-armed; the default admin for at
    /// most 30 days at a time. Every pause runs out by itself.
    function pause() external;

    /// @notice Ends a pause. Default admin.
    function unpause() external;

    /// @notice Gives a guardian its right to pause back. Default admin.
    function rearmGuardian(address guardian) external;

    /// @notice Unix time (s) until which attesting is paused; in the past or 0 when it is not.
    function pausedUntil() external view returns (uint64);
    function paused() external view returns (bool);
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
    function contextOf(uint32 circuitVersion, address submitter, uint64 deadline) external view returns (uint256);

    /// @notice The Poseidon hash a proof is made against; pure, so anybody can compare before registering.
    function hashPolicy(Policy calldata policy) external pure returns (uint256);

    /// @notice The EIP-712 digest a signer signs.
    function submissionDigest(Submission calldata submission) external view returns (bytes32);

    /// @notice A registered policy, its hash and whether it is active.
    function policy(uint256 policyId) external view returns (Policy memory parameters, uint256 policyHash, bool active);

    /// @notice Number of policies ever registered; ids run from 1 and are never reused.
    function policyCount() external view returns (uint256);

    function circuitVersion(uint32 version)
        external
        view
        returns (address circuitVerifier, CircuitStatus status, uint64 distrustedSince);
    function circuitVersionCount() external view returns (uint32);

    /// @notice Unix time (s) since which a signer is distrusted; `type(uint64).max` if it is not.
    function signerDistrustedSince(address signer) external view returns (uint64);
}
