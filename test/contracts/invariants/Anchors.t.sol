// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {AnchorRegistry} from "../../../contracts/compliance/AnchorRegistry.sol";
import {Batch, BatchRef, CutBatch, Head} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {StateRoot} from "../../../contracts/libraries/StateRoot.sol";
import {Campaign, World} from "./World.sol";

/// @notice One stream with a maturity delay, driven by its anchorer, guardians, the admin, the timelock and whoever else.
contract AnchorHandler is World {
    /// @dev A batch that was anchored, cut or not.
    struct Entry {
        BatchRef ref;
        bytes32 content;
        bytes32 stateRoot;
        uint32 epoch;
        bool vetoed;
        bool cut;
    }

    /// @dev A reopening on its way through the timelock, at most one.
    struct Reopening {
        bytes data;
        bytes32 salt;
        uint256 readyAt;
        uint256 keep;
    }

    bytes32 public constant STREAM = keccak256("stream");
    uint32 private constant MATURITY = 6 hours;

    /// @dev The chain as a reader of the events would keep it: positions in `_entries`, oldest first.
    uint256[] private _chain;
    Entry[] private _entries;
    Reopening private _reopening;
    uint256 private _anchorer = ANCHORER;
    uint32 public epoch;

    constructor() {
        VM.prank(people[ADMIN]);
        REGISTRY.openStream(STREAM, people[ANCHORER], MATURITY);
    }

    /// @inheritdoc World
    function actions() public pure override returns (string[] memory all) {
        all = new string[](6);
        (all[0], all[1], all[2]) = ("anchor", "veto", "replace anchorer");
        (all[3], all[4], all[5]) = ("schedule reopening", "reopen", "probe");
    }

    /// @notice Up to eight hours go by.
    function wait(uint256 seed) external {
        time += _spread(seed) % 8 hours;
    }

    /// @notice Up to a day and a half goes by.
    function waitLong(uint256 seed) external {
        time += _spread(seed) % 36 hours;
    }

    /// @notice Somebody anchors what follows on: one batch, or now and then many.
    function anchor(uint256 seed, uint8 count, bytes32 salt) external {
        uint256 who = _pick(seed, _anchorer);
        uint256 batches = _spread(seed) % 8 == 0 ? 70 : 1;
        for (uint256 i = 0; i < batches; ++i) {
            _anchor(who, _next(uint64(count) + 1, keccak256(abi.encode(salt, i))), headRoot());
        }
    }

    /// @notice Somebody anchors what does not: another history, a gap, an overlap, a wrong count.
    function anchorForged(uint256 seed, uint64 shift, bytes32 previous) external {
        Batch memory batch = _next(1 + shift % 5, previous);
        if (seed % 4 == 0) (batch.startSequence, batch.endSequence) = (batch.startSequence + 1, batch.endSequence + 1);
        if (seed % 4 == 1) --batch.startSequence;
        batch.count = uint32(batch.endSequence - batch.startSequence + 1);
        if (seed % 4 == 2) ++batch.count;
        bool otherHistory = seed % 4 == 3;
        if (!otherHistory) previous = headRoot();
        if (otherHistory && previous == headRoot()) return;
        bool ok = _send(_anchorer, address(REGISTRY), abi.encodeCall(REGISTRY.anchor, (STREAM, batch, previous)));
        _mustHold(5, !ok, "a batch that does not follow on was anchored");
    }

    /// @notice Somebody replaces the anchorer, or suspends the stream.
    function replaceAnchorer(uint256 seed, uint256 whom) external {
        uint256 who = _pick(seed, ADMIN);
        // Seldom nobody: a suspended stream tells little.
        uint256 next = whom % 8 == 0 ? type(uint256).max : whom % 2 == 0 ? ANCHORER : whom % people.length;
        address account = next == type(uint256).max ? address(0) : people[next];
        bool ok = _send(who, address(REGISTRY), abi.encodeCall(REGISTRY.replaceAnchorer, (STREAM, account)));
        _note("replace anchorer", ok);
        _mustHold(13, !ok || who == ADMIN, "somebody else replaced the anchorer");
        if (ok) _anchorer = next == type(uint256).max ? STRANGER : next;
    }

    /// @notice Somebody vetoes a batch, most likely a young one.
    function veto(uint256 seed, uint256 which) external {
        if (_entries.length == 0) return;
        uint256 who = _pick(seed, GUARDIAN);
        uint256 back = which % 2 == 0 ? (which / 2) % 4 : (which / 2) % _entries.length;
        Entry storage entry = _entries[_entries.length - 1 - (back < _entries.length ? back : 0)];
        bool young = time < entry.ref.matureAt;
        bool ok = _send(who, address(REGISTRY), abi.encodeCall(REGISTRY.veto, (STREAM, entry.ref)));
        _note("veto", ok);
        if (!ok) return;
        _mustHold(12, young, "a mature batch was vetoed");
        _mustHold(13, who == GUARDIAN || who == OTHER_GUARDIAN, "somebody else vetoed");
        entry.vetoed = true;
    }

    /// @notice Somebody schedules a reopening.
    function scheduleReopening(uint256 seed, uint256 keep) external {
        if (_chain.length == 0) return;
        uint256 who = _pick(seed, ADMIN);
        uint256 most = _chain.length < 40 ? _chain.length : 40;
        keep = _chain.length - 1 - keep % most;
        bytes memory data = _reopen(keep);
        bytes32 salt = keccak256(abi.encode(++_salts));
        bool ok = _send(
            who,
            address(TIMELOCK),
            abi.encodeCall(TIMELOCK.schedule, (address(REGISTRY), 0, data, 0, salt, DELAY))
        );
        _note("schedule reopening", ok);
        // As the interface says: suspend first, so that nothing is anchored while the timelock waits.
        if (!ok) return;
        _reopening = Reopening(data, salt, time + DELAY, keep);
        VM.prank(people[ADMIN]);
        REGISTRY.replaceAnchorer(STREAM, address(0));
        _anchorer = STRANGER;
    }

    /// @notice Somebody executes the reopening.
    function executeReopening(uint256 seed) external {
        if (_reopening.readyAt == 0) return;
        Reopening memory reopening = _reopening;
        uint256 who = _pick(seed, ADMIN);
        bool ok = _send(
            who,
            address(TIMELOCK),
            abi.encodeCall(TIMELOCK.execute, (address(REGISTRY), 0, reopening.data, 0, reopening.salt))
        );
        _note("reopen", ok);
        if (!ok) return;
        _mustHold(4, time >= reopening.readyAt, "a stream was cut before the delay was over");
        delete _reopening;
        ++epoch;
        while (_chain.length > reopening.keep) {
            _entries[_chain[_chain.length - 1]].cut = true;
            _chain.pop();
        }
    }

    /// @notice Somebody cuts the stream without the timelock, or the timelock's call is made for another state.
    function reopenNow(uint256 seed, uint256 keep) external {
        if (_chain.length == 0) return;
        uint256 most = _chain.length < 20 ? _chain.length : 20;
        keep = _chain.length - 1 - keep % most;
        bool ok = _send(seed % people.length, address(REGISTRY), _reopen(keep));
        _mustHold(4, !ok, "a stream was cut past the timelock");
    }

    /// @notice Asks about one batch, most likely one at an edge, and compares the answer with the model.
    function probe(uint256 which) external {
        if (_chain.length == 0) return;
        VM.warp(time);
        uint256 length = _chain.length;
        uint256 position = which % length;
        if (which % 4 == 1 && length > 256) position = length - 256;
        if (which % 4 == 2 && length > 256) position = length - 257;
        if (which % 4 == 3) _probe(_entries[which % _entries.length]);
        _probe(_entries[_chain[position]]);
        _note("probe", true);
    }

    /// @notice Number of batches in the chain, and the end and the state root of the last.
    function chainLength() external view returns (uint256) {
        return _chain.length;
    }

    function headEnd() public view returns (uint64) {
        return _chain.length == 0 ? 0 : _entries[_chain[_chain.length - 1]].ref.end;
    }

    function headRoot() public view returns (bytes32) {
        return _chain.length == 0 ? bytes32(0) : _entries[_chain[_chain.length - 1]].stateRoot;
    }

    uint256 private _salts;

    function _anchor(uint256 who, Batch memory batch, bytes32 previous) private {
        bool ok = _send(who, address(REGISTRY), abi.encodeCall(REGISTRY.anchor, (STREAM, batch, previous)));
        _note("anchor", ok);
        if (!ok) return;
        _mustHold(5, who == _anchorer, "somebody else than the anchorer anchored");
        bytes32 content = StateRoot.content(batch.batchRoot, batch.factsRoot, batch.logRoot);
        uint64 batchIndex = uint64(_chain.length) + 1;
        _chain.push(_entries.length);
        _entries.push(
            Entry({
                ref: BatchRef(batchIndex, batch.endSequence, uint64(time) + MATURITY, batch.factsRoot),
                content: content,
                stateRoot: _stateRootOf(previous, content, batch),
                epoch: epoch,
                vetoed: false,
                cut: false
            })
        );
    }

    /// @dev docs/formats.md, written out and not by the library that the registry uses.
    function _stateRootOf(bytes32 previous, bytes32 content, Batch memory batch) private pure returns (bytes32) {
        bytes memory range = abi.encodePacked(batch.startSequence, batch.endSequence, batch.count);
        return sha256(bytes.concat("VES_STATE_ROOT_V1", STREAM, previous, content, range));
    }

    function _next(uint64 count, bytes32 salt) private view returns (Batch memory) {
        // Now and then without facts, and below the field's order.
        bytes32 factsRoot = uint256(salt) % 8 == 0 ? bytes32(0) : bytes32((uint256(salt) >> 8) | 1);
        uint64 start = headEnd() + 1;
        return Batch(start, start + count - 1, uint32(count), salt, factsRoot, keccak256(abi.encode(salt)));
    }

    function _reopen(uint256 keep) private view returns (bytes memory) {
        CutBatch[] memory cut = new CutBatch[](_chain.length - keep);
        for (uint256 i = 0; i < cut.length; ++i) {
            Entry storage entry = _entries[_chain[keep + i]];
            cut[i] = CutBatch(entry.content, entry.ref.end);
        }
        bytes32 root = keep == 0 ? bytes32(0) : _entries[_chain[keep - 1]].stateRoot;
        uint64 end = keep == 0 ? 0 : _entries[_chain[keep - 1]].ref.end;
        return abi.encodeCall(REGISTRY.reopen, (STREAM, uint64(keep), end, root, cut));
    }

    /// @dev A batch counts if it has facts, stands in the chain among the last 256, was not vetoed, and is mature. A
    /// cut one can stand in the ring still; if its index is in use again, its slot is another's.
    function _probe(Entry storage entry) private {
        bool kept = REGISTRY.isKept(STREAM, entry.epoch, entry.ref.batchIndex);
        _mustHold(5, kept == !entry.cut, "a batch is kept although it was cut, or the other way round");
        bool usable = true;
        try REGISTRY.requireUsable(STREAM, entry.ref) returns (uint32 epochNow, uint64 anchoredAt) {
            _mustHold(12, epochNow == epoch, "another epoch was answered");
            _mustHold(12, anchoredAt == entry.ref.matureAt - MATURITY, "another time of anchoring was answered");
        } catch {
            usable = false;
        }
        _mustHold(12, !usable || !entry.cut, "a cut batch counts");
        _mustHold(12, !usable || !entry.vetoed, "a vetoed batch counts");
        _mustHold(12, !usable || time >= entry.ref.matureAt, "an immature batch counts");
        _mustHold(12, !usable || entry.ref.factsRoot != bytes32(0), "a batch without facts counts");
        _mustHold(12, !usable || entry.ref.batchIndex + 256 > _chain.length, "a batch outside the ring counts");
        // The other way round only before any cut: a cut batch may have taken a kept one's slot.
        bool mustCount = epoch == 0 && !entry.vetoed && time >= entry.ref.matureAt
            && entry.ref.factsRoot != bytes32(0) && entry.ref.batchIndex + 256 > _chain.length;
        _mustHold(12, usable || !mustCount, "a batch that must count does not");
    }
}

/// @title What anchorers, guardians, the admin and the timelock can and cannot do to a stream
/// @dev Numbers are those of docs/invariants.md.
contract AnchorInvariants is Campaign {
    AnchorHandler private _handler;

    function setUp() public {
        _handler = new AnchorHandler();
        _world = _handler;
    }

    /// @notice The head goes back only by the timelock, after its delay, into a new epoch; the state root is the hash chain of
    /// exactly what the anchorer anchored and nobody cut.
    function invariant_INV4_INV5_noStreamIsRewoundSilentlyAndTheHeadIsItsHashChain() public view {
        _requireNoBreach(4);
        _requireNoBreach(5);
        Head memory head = _handler.REGISTRY().head(_handler.STREAM());
        require(head.batchIndex == _handler.chainLength(), "the head is not the last batch of the chain");
        require(head.epoch == _handler.epoch(), "the epoch is not the number of cuts");
        require(head.stateRoot == _handler.headRoot(), "the state root is another");
        require(head.end == _handler.headEnd(), "the end is another");
    }

    /// @notice Nothing counts that has no facts, is cut, vetoed, immature or out of the ring; all else does. Nobody vetoes or
    /// replaces an anchorer without the role.
    function invariant_INV12_INV13_onlyUsableBatchesCountAndRolesHold() public view {
        _requireNoBreach(12);
        _requireNoBreach(13);
    }
}
