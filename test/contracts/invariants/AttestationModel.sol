// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {BatchRef} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {Proof} from "../../../contracts/interfaces/IGroth16Verifier.sol";
import {CircuitStatus, Policy, Submission} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {World} from "./World.sol";

/// @notice What a person would keep in a notebook about attestations, and the items that are sent.
/// @dev Two agents; policies come and go. Signers are named by their private key, 0x200 and on.
abstract contract AttestationModel is World {
    struct Standing {
        uint256 signerKey;
        uint32 version;
        uint32 epoch;
        uint64 batchIndex;
        uint256 attestedAt;
        uint256 anchoredAt;
        bool cut;
    }

    /// @dev The arguments of `attest`, with what the model needs to know of them.
    struct Item {
        Submission submission;
        Proof proof;
        bytes signature;
        uint256 signerKey;
        uint256 nonceKey;
        bool rightNonce;
        bool holds;
    }

    bytes32 public constant STREAM = keccak256("stream");
    uint32 internal constant MATURITY = 1 hours;
    uint256 internal constant FALSE_PROOF = 0xBAD;
    uint256 internal constant NEVER = type(uint256).max;

    uint256 public signerKey = 0x200;
    uint32 public currentVersion = 1;
    uint32 public epoch;
    uint256 public policies;
    uint256 internal _pausedUntil;
    BatchRef[] internal _refs;
    bytes32[] internal _roots;

    mapping(uint256 agent => mapping(uint256 policyId => Standing)) internal _standing;
    mapping(uint256 key => uint256) internal _signerDistrustedSince;
    mapping(uint32 version => uint256) internal _versionDistrustedSince;
    mapping(uint32 version => CircuitStatus) internal _status;
    mapping(uint256 policyId => bool) internal _policyActive;
    /// @notice Next counter of a signer's nonce key.
    mapping(uint256 key => mapping(uint256 nonceKey => uint64)) public nextNonce;

    constructor() {
        VM.prank(people[ADMIN]);
        REGISTRY.openStream(STREAM, people[ANCHORER], MATURITY);
        _registerPolicy();
        _registerPolicy();
        _grantSigner();
        (_status[1], _versionDistrustedSince[1]) = (CircuitStatus.Active, NEVER);
    }

    function agentOf(uint256 agent) public pure returns (bytes16) {
        return bytes16(uint128(agent + 1));
    }

    /// @notice Whether the model says that the attestation stands, and when its batch was anchored.
    function stands(uint256 agent, uint256 policyId) public view returns (bool, uint256 anchoredAt) {
        Standing memory record = _standing[agent][policyId];
        bool standing = record.signerKey != 0 && _policyActive[policyId] && !record.cut && !_isDistrusted(record);
        return (standing, record.anchoredAt);
    }

    /// @notice What the model has recorded.
    function recorded(uint256 agent, uint256 policyId) external view returns (Standing memory) {
        return _standing[agent][policyId];
    }

    function _isPaused() internal view returns (bool) {
        return time < _pausedUntil;
    }

    function _isDistrusted(Standing memory record) internal view returns (bool) {
        return _signerDistrustedSince[record.signerKey] <= record.attestedAt
            || _versionDistrustedSince[record.version] <= record.attestedAt
            || _status[record.version] == CircuitStatus.Broken;
    }

    function _isUsable(uint64 batchIndex) internal view returns (bool) {
        return time >= _refs[batchIndex - 1].matureAt && batchIndex + 256 > _refs.length;
    }

    /// @dev The forward rule, as docs/contracts.md tells it.
    function _isForward(Standing memory record, uint64 batchIndex) internal view returns (bool) {
        if (record.signerKey == 0 || record.cut || batchIndex > record.batchIndex) return true;
        return batchIndex == record.batchIndex && _isDistrusted(record);
    }

    function _isTrusted(Item memory item) internal view returns (bool) {
        uint32 version = item.submission.circuitVersion;
        return _signerDistrustedSince[item.signerKey] == NEVER && _versionDistrustedSince[version] == NEVER
            && _status[version] == CircuitStatus.Active && _policyActive[item.submission.policyId];
    }

    function _agentIn(Item memory item) internal pure returns (uint256) {
        return uint128(item.submission.agentId) - 1;
    }

    function _standingOf(Item memory item) internal view returns (Standing memory) {
        return _standing[_agentIn(item)][item.submission.policyId];
    }

    /// @dev What a submission that was taken changes.
    function _record(Item memory item) internal {
        BatchRef memory ref = _refs[item.submission.batchIndex - 1];
        _standing[_agentIn(item)][item.submission.policyId] = Standing({
            signerKey: item.signerKey,
            version: item.submission.circuitVersion,
            epoch: epoch,
            batchIndex: ref.batchIndex,
            attestedAt: time,
            anchoredAt: ref.matureAt - MATURITY,
            cut: false
        });
    }

    /// @dev An item of the present signer, on some batch, that may be wrong in its nonce or its proof.
    function _makeItem(uint256 agent, uint256 policyId, uint256 which, uint32 version, uint256 faults)
        internal
        returns (Item memory item)
    {
        item.signerKey = signerKey;
        item.nonceKey = (faults / 64) % 3;
        item.rightNonce = faults % 8 != 0;
        item.holds = (faults / 8) % 8 != 0;
        uint64 nonce = nextNonce[signerKey][item.nonceKey];
        if (!item.rightNonce) nonce = nonce == 0 || faults % 16 == 0 ? nonce + 1 : nonce - 1;
        if (!item.holds) item.proof.a[0] = FALSE_PROOF;
        BatchRef memory ref = _refs[which % _refs.length];
        item.submission = Submission({
            policyId: policyId,
            streamId: STREAM,
            agentId: agentOf(agent),
            batchIndex: ref.batchIndex,
            end: ref.end,
            matureAt: ref.matureAt,
            factsRoot: ref.factsRoot,
            circuitVersion: version,
            proofHash: keccak256(abi.encode(item.proof)),
            submitter: people[SUBMITTER],
            nonce: (item.nonceKey << 64) | nonce,
            deadline: type(uint64).max
        });
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(signerKey, VERIFIER.submissionDigest(item.submission));
        item.signature = abi.encodePacked(r, s, v);
    }

    function _registerPolicy() internal {
        int32[4] memory weights;
        VM.prank(people[POLICY_ADMIN]);
        uint256 policyId = VERIFIER.registerPolicy(Policy(weights, 0, int256(policies), 1));
        policies = policyId;
        _policyActive[policyId] = true;
    }

    function _grantSigner() internal {
        _signerDistrustedSince[signerKey] = NEVER;
        bytes32 role = VERIFIER.SIGNER_ROLE();
        address account = VM.addr(signerKey);
        VM.prank(people[ADMIN]);
        VERIFIER.grantRole(role, account);
    }
}
