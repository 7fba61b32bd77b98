// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";
import {BatchRef, IAnchorRegistry} from "../interfaces/IAnchorRegistry.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {Attestation, InitParams, IProofXVerifier, Submission} from "../interfaces/IProofXVerifier.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {StipendCall} from "../libraries/StipendCall.sol";
import {CircuitVersions} from "./modules/CircuitVersions.sol";
import {PauseControl} from "./modules/PauseControl.sol";
import {PolicyBook} from "./modules/PolicyBook.sol";
import {SignerTrust} from "./modules/SignerTrust.sol";

/// @title Attestations that committed events satisfied registered policies
/// @notice See `IProofXVerifier`. Upgradeable by the timelock alone (UUPS).
/// @custom:oz-upgrades-unsafe-allow external-library-linking
contract ProofXVerifier is PauseControl, PolicyBook, CircuitVersions, SignerTrust, UUPSUpgradeable {
    /// @custom:storage-location erc7201:proofx.storage.ProofXVerifier
    struct VerifierStorage {
        IAnchorRegistry registry;
        mapping(uint256 subject => mapping(uint256 policyId => Attestation)) attestations;
    }

    /// @dev A submission that passed every check but the proof's own.
    struct Checked {
        address circuitVerifier;
        address signer;
        uint256 subject;
        uint32 epoch;
        uint64 anchoredAt;
        uint256[4] signals;
    }

    /// @inheritdoc IProofXVerifier
    bytes32 public constant UPGRADER_ROLE = keccak256("UPGRADER_ROLE");

    /// @dev Gas a circuit verifier gets: what it needs at the prices of EIP-1108 (bench/gas.json), and a third more.
    uint256 private constant STIPEND = 280_000;
    uint256 private constant BATCH_STIPEND = 260_000;
    uint256 private constant BATCH_STIPEND_PER_PROOF = 75_000;

    // keccak256(abi.encode(uint256(keccak256("proofx.storage.ProofXVerifier")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant VERIFIER_STORAGE = 0xe4cbf20b60ab67d1f95350055b62560972a20ae3a277bac819fe1ec0f4e25300;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IProofXVerifier
    /// @dev No EIP712 initialiser: `SignerTrust` answers the domain from constants.
    /// @custom:oz-upgrades-unsafe-allow missing-initializer-call
    function initialize(InitParams calldata params) external initializer {
        if (params.registry == address(0)) revert ZeroAddress();
        if (params.timelock == params.admin) revert TimelockIsAdmin(params.admin);
        __AccessControlDefaultAdminRules_init(params.adminDelay, params.admin);
        _setRoleAdmin(UPGRADER_ROLE, UPGRADER_ROLE);
        _setRoleAdmin(CIRCUIT_ROLE, CIRCUIT_ROLE);
        _grantFirst(UPGRADER_ROLE, params.timelock);
        _grantFirst(CIRCUIT_ROLE, params.timelock);
        _grantAll(PAUSER_ROLE, params.guardians);
        _grantAll(SIGNER_ROLE, params.signers);
        _grantAll(POLICY_ROLE, params.policyAdmins);

        _verifierStorage().registry = IAnchorRegistry(params.registry);
        _activateCircuitVersion(_addCircuitVersion(params.circuitVerifier));
    }

    /// @inheritdoc IProofXVerifier
    function attest(Submission calldata submission, Proof calldata proof, bytes calldata signature)
        external
        returns (bool verified)
    {
        _requireNotPaused();
        Checked memory item = _check(submission, proof, signature);

        verified = StipendCall.answersTrue(
            item.circuitVerifier, STIPEND, abi.encodeCall(IGroth16Verifier.verify, (proof, item.signals))
        );
        if (verified) _record(submission, item);

        _emitVerified(submission, item, verified);
    }

    /// @inheritdoc IProofXVerifier
    function attestBatch(Submission[] calldata submissions, Proof[] calldata proofs, bytes[] calldata signatures)
        external
    {
        _requireNotPaused();
        uint256 k = submissions.length;
        if (k == 0) revert EmptyBatch();
        if (k != proofs.length || k != signatures.length) {
            revert LengthMismatch(k, proofs.length, signatures.length);
        }

        // Recorded before the proofs are checked, so that each item meets the ones before it. A false product takes
        // everything back.
        uint32 version = submissions[0].circuitVersion;
        uint256[4][] memory signals = new uint256[4][](k);
        address circuitVerifier;
        for (uint256 i = 0; i < k; ++i) {
            if (submissions[i].circuitVersion != version) {
                revert MixedCircuitVersions(version, submissions[i].circuitVersion);
            }
            Checked memory item = _check(submissions[i], proofs[i], signatures[i]);
            (circuitVerifier, signals[i]) = (item.circuitVerifier, item.signals);
            _record(submissions[i], item);
            _emitVerified(submissions[i], item, true);
        }

        bytes32 seed = keccak256(abi.encode(block.chainid, address(this), version));
        bool verified = StipendCall.answersTrue(
            circuitVerifier,
            BATCH_STIPEND + k * BATCH_STIPEND_PER_PROOF,
            abi.encodeCall(IGroth16Verifier.verifyBatch, (proofs, signals, seed))
        );
        if (!verified) revert BatchProofInvalid();
    }

    /// @inheritdoc IProofXVerifier
    function isCompliant(bytes32 streamId, bytes16 agentId, uint256 policyId, uint64 maxAge)
        external
        view
        returns (bool)
    {
        (Attestation memory record, bool standing) = attestation(streamId, agentId, policyId);
        return standing && uint256(record.anchoredAt) + maxAge >= block.timestamp;
    }

    /// @inheritdoc IProofXVerifier
    function registry() external view returns (IAnchorRegistry) {
        return _verifierStorage().registry;
    }

    /// @inheritdoc IProofXVerifier
    function attestation(bytes32 streamId, bytes16 agentId, uint256 policyId)
        public
        view
        returns (Attestation memory record, bool standing)
    {
        record = _verifierStorage().attestations[subjectOf(streamId, agentId)][policyId];
        standing = record.signer != address(0) && _isPolicyActive(policyId) && !_isDistrusted(record)
            && _verifierStorage().registry.isKept(streamId, record.epoch, record.batchIndex);
    }

    /// @inheritdoc IProofXVerifier
    function contextOf(uint32 version, address submitter, uint64 deadline) public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), version, submitter, deadline)))
            % Bn254.SCALAR_ORDER;
    }

    /// @inheritdoc IProofXVerifier
    function subjectOf(bytes32 streamId, bytes16 agentId) public pure returns (uint256) {
        return uint256(keccak256(abi.encode("PROOFX_SUBJECT_V1", streamId, agentId))) % Bn254.SCALAR_ORDER;
    }

    /// @dev UUPS: the timelock alone replaces the implementation.
    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal view override onlyRole(UPGRADER_ROLE) {}

    function _grantAll(bytes32 role, address[] calldata accounts) private {
        for (uint256 i = 0; i < accounts.length; ++i) {
            _grantFirst(role, accounts[i]);
        }
    }

    function _grantFirst(bytes32 role, address account) private {
        if (account == address(0)) revert ZeroAddress();
        _grantRole(role, account);
    }

    /// @dev Every check but the proof's own; uses up the nonce.
    function _check(Submission calldata submission, Proof calldata proof, bytes calldata signature)
        private
        returns (Checked memory item)
    {
        if (block.timestamp > submission.deadline) {
            revert DeadlinePassed(submission.deadline, uint64(block.timestamp));
        }
        if (msg.sender != submission.submitter) revert WrongSubmitter(submission.submitter, msg.sender);
        bytes32 proofHash = keccak256(abi.encode(proof));
        if (proofHash != submission.proofHash) revert WrongProofHash(submission.proofHash, proofHash);

        uint256 policyHash = _activePolicyHash(submission.policyId);
        item.circuitVerifier = _activeCircuitVerifier(submission.circuitVersion);
        uint256 factsRoot = uint256(submission.factsRoot);
        if (factsRoot >= Bn254.SCALAR_ORDER) revert SignalNotInField(factsRoot);
        item.subject = subjectOf(submission.streamId, submission.agentId);
        uint256 context = contextOf(submission.circuitVersion, submission.submitter, submission.deadline);
        item.signals = [factsRoot, policyHash, item.subject, context];

        item.signer = _useSignature(submission, signature);
        (item.epoch, item.anchoredAt) =
            _verifierStorage().registry.requireUsable(submission.streamId, _batchRefOf(submission));
        _requireForward(submission, item.subject);
    }

    function _record(Submission calldata submission, Checked memory item) private {
        _verifierStorage().attestations[item.subject][submission.policyId] = Attestation({
            signer: item.signer,
            circuitVersion: submission.circuitVersion,
            epoch: item.epoch,
            batchIndex: submission.batchIndex,
            end: submission.end,
            anchoredAt: item.anchoredAt,
            attestedAt: uint64(block.timestamp)
        });
    }

    function _emitVerified(Submission calldata submission, Checked memory item, bool verified) private {
        emit ProofVerified(
            item.signer, item.subject, submission.policyId, verified, submission.end, submission.circuitVersion
        );
    }

    /// @dev See `attest` in the interface for what forward means.
    function _requireForward(Submission calldata submission, uint256 subject) private view {
        Attestation memory record = _verifierStorage().attestations[subject][submission.policyId];
        // Also the first attestation: no batch has index 0.
        if (submission.batchIndex > record.batchIndex) return;
        if (!_verifierStorage().registry.isKept(submission.streamId, record.epoch, record.batchIndex)) return;
        if (submission.batchIndex == record.batchIndex && _isDistrusted(record)) return;

        revert NotNewer(record.batchIndex, submission.batchIndex);
    }

    function _isDistrusted(Attestation memory record) private view returns (bool) {
        return signerDistrustedSince(record.signer) <= record.attestedAt
            || _isVersionVoid(record.circuitVersion, record.attestedAt);
    }

    function _batchRefOf(Submission calldata submission) private pure returns (BatchRef memory) {
        return BatchRef({
            batchIndex: submission.batchIndex,
            end: submission.end,
            matureAt: submission.matureAt,
            factsRoot: submission.factsRoot
        });
    }

    function _verifierStorage() private pure returns (VerifierStorage storage $) {
        assembly {
            $.slot := VERIFIER_STORAGE
        }
    }
}
