// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {Batch, BatchRef, CutBatch} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {Proof} from "../../../contracts/interfaces/IGroth16Verifier.sol";
import {Attestation, CircuitStatus, Submission} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {StateRoot} from "../../../contracts/libraries/StateRoot.sol";
import {AttestationModel} from "./AttestationModel.sol";
import {Campaign, JudgingVerifier__MockForAttest, World} from "./World.sol";

/// @notice Everything that can happen to attestations, in any order; each outcome is compared with the model's.
contract AttestationHandler is AttestationModel {
    uint32 private constant MOST_VERSIONS = 40;
    uint256 private constant MOST_POLICIES = 6;

    /// @dev Items that were taken, for replays; the newest few.
    Item[8] private _taken;
    uint256 private _takenCount;

    /// @inheritdoc World
    function actions() public pure override returns (string[] memory all) {
        all = new string[](14);
        (all[0], all[1], all[2], all[3]) = ("attest", "false proof", "attest batch", "anchor");
        (all[4], all[5], all[6], all[7]) = ("cut", "admin pause", "guardian pause", "unpause");
        (all[8], all[9], all[10]) = ("distrust signer", "distrust version", "retire version");
        (all[11], all[12], all[13]) = ("new version", "new policy", "replay");
    }

    /// @notice Up to three hours go by.
    function wait(uint256 seed) external {
        time += _spread(seed) % 3 hours;
    }

    /// @notice Up to twelve days go by.
    function waitLong(uint256 seed) external {
        if (_spread(seed) % 2 == 0) time += _spread(seed) % 12 days;
    }

    /// @notice The next batches are anchored, of one event each.
    function anchor(uint256 seed) external {
        VM.warp(time);
        for (uint256 i = 0; i <= _spread(seed) % 4; ++i) {
            uint64 next = uint64(_refs.length) + 1;
            bytes32 facts = bytes32(_spread(seed) >> 8 | 1);
            bytes32 previous = next == 1 ? bytes32(0) : _roots[next - 2];
            VM.prank(people[ANCHORER]);
            _roots.push(REGISTRY.anchor(STREAM, Batch(next, next, 1, facts, facts, facts), previous));
            _refs.push(BatchRef(next, next, uint64(time) + MATURITY, facts));
        }
        _note("anchor", true);
    }

    /// @notice The timelock cuts the stream after some late batch.
    function cut(uint256 seed) external {
        if (_refs.length == 0 || _spread(seed) % 4 != 0) return;
        VM.warp(time);
        uint256 depth = _refs.length < 12 ? _refs.length : 12;
        uint256 keep = _refs.length - 1 - seed % depth;
        CutBatch[] memory list = new CutBatch[](_refs.length - keep);
        for (uint256 i = 0; i < list.length; ++i) {
            bytes32 facts = _refs[keep + i].factsRoot;
            list[i] = CutBatch(StateRoot.content(facts, facts, facts), uint64(keep + i + 1));
        }
        VM.prank(address(TIMELOCK));
        REGISTRY.reopen(STREAM, uint64(keep), uint64(keep), keep == 0 ? bytes32(0) : _roots[keep - 1], list);
        ++epoch;
        while (_refs.length > keep) {
            _refs.pop();
            _roots.pop();
        }
        for (uint256 policyId = 1; policyId <= policies; ++policyId) {
            for (uint256 agent = 0; agent < 2; ++agent) {
                if (_standing[agent][policyId].batchIndex > keep) _standing[agent][policyId].cut = true;
            }
        }
        _note("cut", true);
    }

    /// @notice The admin or a guardian pauses.
    function pause(uint256 seed) external {
        uint256 who = seed % 3 == 0 ? ADMIN : seed % 3 == 1 ? GUARDIAN : OTHER_GUARDIAN;
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.pause, ()));
        _note(who == ADMIN ? "admin pause" : "guardian pause", ok);
        if (ok) _pausedUntil = VERIFIER.pausedUntil();
    }

    /// @notice The admin ends the pause and re-arms the guardians.
    function unpause(uint256) external {
        bool ok = _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.unpause, ()));
        _note("unpause", ok);
        if (ok) _pausedUntil = time;
        _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.rearmGuardian, (people[GUARDIAN])));
        _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.rearmGuardian, (people[OTHER_GUARDIAN])));
    }

    /// @notice The admin distrusts a signer, for ever or since some time, and takes on another.
    function distrustSigner(uint256 seed, bool earlier, uint256 ago) external {
        if (_spread(seed) % 2 == 0) return;
        uint256 key = earlier && signerKey > 0x200 ? signerKey - 1 : signerKey;
        uint256 since = ago % 2 == 0 ? time : time - ago % 2 days;
        bytes memory data = abi.encodeCall(VERIFIER.distrustSigner, (VM.addr(key), uint64(since)));
        bool ok = _send(ADMIN, address(VERIFIER), data);
        _note("distrust signer", ok);
        _mustHold(11, ok == (since < _signerDistrustedSince[key]), "distrust of a signer does not just widen");
        if (!ok) return;
        _signerDistrustedSince[key] = since;
        if (key != signerKey) return;
        ++signerKey;
        _grantSigner();
    }

    /// @notice The admin distrusts a version since some time.
    function distrustVersion(uint256 seed, uint32 version, uint256 ago) external {
        if (_spread(seed) % 4 != 0) return;
        version = 1 + version % currentVersion;
        uint256 since = ago % 2 == 0 ? time : time - ago % 2 days;
        bytes memory data = abi.encodeCall(VERIFIER.distrustCircuitVersion, (version, uint64(since)));
        bool ok = _send(ADMIN, address(VERIFIER), data);
        _note("distrust version", ok);
        _mustHold(11, ok == (since < _versionDistrustedSince[version]), "distrust of a version does not just widen");
        if (ok) _versionDistrustedSince[version] = since;
    }

    /// @notice The admin retires a version.
    function retireVersion(uint256 seed, uint32 version, bool broken) external {
        if (_spread(seed) % 4 != 0) return;
        version = 1 + version % currentVersion;
        CircuitStatus to = broken ? CircuitStatus.Broken : CircuitStatus.Superseded;
        bool ok = _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.retireCircuitVersion, (version, broken)));
        _note("retire version", ok);
        _mustHold(6, ok == (to > _status[version]), "a version was retired upwards");
        if (ok) _status[version] = to;
    }

    /// @notice A new version is named, and let in by the timelock.
    function newVersion(uint256 seed) external {
        bool trusted = _versionDistrustedSince[currentVersion] == NEVER;
        bool needed = _status[currentVersion] != CircuitStatus.Active || !trusted;
        if (currentVersion == MOST_VERSIONS || (!needed && _spread(seed) % 8 != 0)) return;
        VM.warp(time);
        address circuitVerifier = address(new JudgingVerifier__MockForAttest());
        VM.prank(people[ADMIN]);
        currentVersion = VERIFIER.addCircuitVersion(circuitVerifier);
        VM.prank(address(TIMELOCK));
        VERIFIER.activateCircuitVersion(currentVersion, circuitVerifier, circuitVerifier.codehash);
        (_status[currentVersion], _versionDistrustedSince[currentVersion]) = (CircuitStatus.Active, NEVER);
        _note("new version", true);
    }

    /// @notice A policy is retired, another registered.
    function newPolicy(uint256 seed, uint256 policyId) external {
        if (policies == MOST_POLICIES || _spread(seed) % 8 != 0) return;
        policyId = 1 + policyId % policies;
        bool ok = _send(POLICY_ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.retirePolicy, (policyId)));
        _mustHold(6, ok == _policyActive[policyId], "a policy was retired that was not active");
        _policyActive[policyId] = false;
        _registerPolicy();
        _note("new policy", true);
    }

    /// @notice Somebody attests some batch, late ones most likely; right or wrong in one of many ways.
    function attest(uint256 seed, uint256 which, uint256 faults) external {
        if (_refs.length == 0) return;
        VM.warp(time);
        Item memory item = _someItem(seed, which, _spread(faults));
        bool expected = _expects(item);
        bytes32 before = _recordHash(item);
        bytes memory data = abi.encodeCall(VERIFIER.attest, (item.submission, item.proof, item.signature));
        VM.prank(people[SUBMITTER]);
        (bool ok, bytes memory answer) = address(VERIFIER).call(data);
        _judge(item, ok, expected);
        if (!ok) return;
        bool verified = abi.decode(answer, (bool));
        _mustHold(16, verified == item.holds, "a false proof was taken, or a true one was not");
        _mustHold(16, verified || before == _recordHash(item), "a false proof changed an attestation");
        _note(verified ? "attest" : "false proof", true);
        _take(item);
        if (verified) _record(item);
    }

    /// @notice Somebody attests for both agents at once; one that is wrong takes everything back.
    function attestBatch(uint256 seed, uint256 which, uint256 faults) external {
        if (_refs.length == 0) return;
        VM.warp(time);
        Item[] memory items = new Item[](2);
        faults = _spread(faults) | 8 | (uint256(1) << 70);
        items[0] = _makeItem(0, _policy(seed), _late(which), _version(seed), faults - (faults / 64) % 3 * 64);
        items[1] = _makeItem(1, _policy(seed), _late(which / 2), _version(seed), 0x40 | 9);
        (Submission[] memory submissions, Proof[] memory proofs, bytes[] memory signatures) = _split(items);
        bool expected = _expects(items[0]) && _expects(items[1]) && items[0].holds && items[1].holds
            && items[0].nonceKey != items[1].nonceKey;
        bytes memory data = abi.encodeCall(VERIFIER.attestBatch, (submissions, proofs, signatures));
        bool ok = _send(SUBMITTER, address(VERIFIER), data);
        _note("attest batch", ok);
        _mustHold(8, !ok || !_isPaused(), "a batch was attested while paused");
        bool forward = _isForward(_standingOf(items[0]), items[0].submission.batchIndex)
            && _isForward(_standingOf(items[1]), items[1].submission.batchIndex);
        _mustHold(9, !ok || forward, "a batch of attestations went back");
        _mustHold(10, !ok || (items[0].rightNonce && items[1].rightNonce), "a wrong nonce was taken in a batch");
        if (items[0].nonceKey != items[1].nonceKey) {
            _mustHold(9, ok == expected, "a batch of attestations and its model differ");
        }
        if (!ok) return;
        for (uint256 i = 0; i < 2; ++i) {
            _take(items[i]);
            _record(items[i]);
        }
    }

    /// @notice An item that was taken once is sent again.
    function replay(uint256 which) external {
        if (_takenCount == 0) return;
        Item memory item = _taken[which % (_takenCount < 8 ? _takenCount : 8)];
        bytes memory data = abi.encodeCall(VERIFIER.attest, (item.submission, item.proof, item.signature));
        bool ok = _send(SUBMITTER, address(VERIFIER), data);
        _mustHold(10, !ok, "a submission was taken twice");
        // What has its effect here is the refusal.
        _note("replay", !ok);
    }

    function _expects(Item memory item) private view returns (bool) {
        return !_isPaused() && _isTrusted(item) && item.rightNonce && _isUsable(item.submission.batchIndex)
            && _isForward(_standingOf(item), item.submission.batchIndex);
    }

    /// @dev Puts a difference from the model under the number of the invariant that it breaks.
    function _judge(Item memory item, bool ok, bool expected) private {
        _mustHold(8, !ok || !_isPaused(), "something was attested while paused");
        _mustHold(9, !ok || _isForward(_standingOf(item), item.submission.batchIndex), "an attestation went back");
        _mustHold(10, !ok || item.rightNonce, "a wrong nonce was taken");
        _mustHold(11, !ok || _isTrusted(item), "something distrusted or retired was taken");
        _mustHold(12, !ok || _isUsable(item.submission.batchIndex), "a batch that does not count was attested");
        _mustHold(9, ok || !expected, "an honest attestation was refused");
    }

    function _recordHash(Item memory item) private view returns (bytes32) {
        Submission memory submission = item.submission;
        (Attestation memory record,) =
            VERIFIER.attestation(submission.streamId, submission.agentId, submission.policyId);
        return keccak256(abi.encode(record));
    }

    function _take(Item memory item) private {
        ++nextNonce[item.signerKey][item.nonceKey];
        _taken[_takenCount++ % 8] = item;
    }

    function _someItem(uint256 seed, uint256 which, uint256 faults) private returns (Item memory) {
        return _makeItem(seed % 2, _policy(seed), _late(which), _version(seed), faults);
    }

    /// @dev Most of the time one of the newest two policies.
    function _policy(uint256 seed) private view returns (uint256) {
        return (seed / 2) % 8 == 0 ? 1 + (seed / 16) % policies : policies - (seed / 16) % 2;
    }

    /// @dev Most of the time one of the newest eight batches, as a position.
    function _late(uint256 which) private view returns (uint256) {
        uint256 back = _refs.length < 8 ? _refs.length : 8;
        return which % 4 == 0 ? (which / 4) % _refs.length : _refs.length - 1 - (which / 4) % back;
    }

    function _version(uint256 seed) private view returns (uint32) {
        return uint32((seed / 64) % 8 == 0 ? 1 + (seed / 512) % currentVersion : currentVersion);
    }

    function _split(Item[] memory items)
        private
        pure
        returns (Submission[] memory submissions, Proof[] memory proofs, bytes[] memory signatures)
    {
        submissions = new Submission[](items.length);
        proofs = new Proof[](items.length);
        signatures = new bytes[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            (submissions[i], proofs[i], signatures[i]) =
                (items[i].submission, items[i].proof, items[i].signature);
        }
    }
}

/// @title What attestations say, whatever is anchored, cut, paused, distrusted, retired, attested and replayed
/// @dev Numbers are those of docs/invariants.md.
contract AttestationInvariants is Campaign {
    AttestationHandler private _handler;

    function setUp() public {
        _handler = new AttestationHandler();
        _world = _handler;
    }

    /// @notice What is on chain is what the forward rule's model says, and no batch goes back within an epoch.
    function invariant_INV9_attestationsOnlyMoveForward() public view {
        _requireNoBreach(9);
        for (uint256 policyId = 1; policyId <= _handler.policies(); ++policyId) {
            for (uint256 agent = 0; agent < 2; ++agent) {
                (Attestation memory record,) = _attestation(agent, policyId);
                AttestationModel.Standing memory model = _handler.recorded(agent, policyId);
                require(record.batchIndex == model.batchIndex && record.epoch == model.epoch, "another batch");
                require(record.attestedAt == model.attestedAt, "another time");
                require(record.circuitVersion == model.version, "another version");
            }
        }
    }

    /// @notice Nothing is attested while paused; a submission is taken once, and a signer's nonces are exactly as many as
    /// were taken; a proof that does not hold uses up its nonce and changes nothing else.
    function invariant_INV8_INV10_INV16_pausesHoldNoncesAreUsedOnceFalseProofsChangeNothing() public {
        _requireNoBreach(8);
        _requireNoBreach(10);
        _requireNoBreach(16);
        uint256 key = _handler.signerKey();
        for (uint192 nonceKey = 0; nonceKey < 3; ++nonceKey) {
            uint256 nonce = _handler.VERIFIER().nonces(VM.addr(key), nonceKey);
            require(uint64(nonce) == _handler.nextNonce(key, nonceKey), "another number of submissions");
        }
    }

    /// @notice Views answer true for what stands by the model, and for nothing that is distrusted, broken, cut or retired.
    function invariant_INV11_nothingDistrustedAnswersTrue() public {
        _requireNoBreach(11);
        uint256 time = _handler.time();
        VM.warp(time);
        for (uint256 policyId = 1; policyId <= _handler.policies(); ++policyId) {
            for (uint256 agent = 0; agent < 2; ++agent) {
                (bool stands, uint256 anchoredAt) = _handler.stands(agent, policyId);
                (, bool standing) = _attestation(agent, policyId);
                require(standing == stands, "what does not stand is said to stand, or the other way round");
                uint64 age = uint64(time - anchoredAt);
                require(_isCompliant(agent, policyId, age) == stands, "isCompliant() differs from the model");
                require(age == 0 || !_isCompliant(agent, policyId, age - 1), "what is too old answers true");
            }
        }
    }

    function _attestation(uint256 agent, uint256 policyId) private view returns (Attestation memory, bool) {
        return _handler.VERIFIER().attestation(_handler.STREAM(), _handler.agentOf(agent), policyId);
    }

    function _isCompliant(uint256 agent, uint256 policyId, uint64 maxAge) private view returns (bool) {
        return _handler.VERIFIER().isCompliant(_handler.STREAM(), _handler.agentOf(agent), policyId, maxAge);
    }
}
