// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {AnchorRegistry} from "../../contracts/compliance/AnchorRegistry.sol";
import {Batch, BatchRef, CutBatch, Head, IAnchorRegistry} from "../../contracts/interfaces/IAnchorRegistry.sol";
import {StateRoot} from "../../contracts/libraries/StateRoot.sol";

/// @notice Drives one stream by chance: anchors, reopens, and keeps a plain copy of what must be there.
contract StreamDriver {
    bytes32 public constant STREAM = keccak256("stream");

    AnchorRegistry public immutable REGISTRY;

    /// @dev The live chain: what a reader of the events would hold.
    bytes32[] private _roots;
    bytes32[] private _contents;
    uint64[] private _ends;
    BatchRef[] private _refs;
    uint32[] private _epochs;

    /// @dev Batches that were cut.
    BatchRef[] private _cutRefs;
    uint32[] private _cutEpochs;

    constructor() {
        REGISTRY = new AnchorRegistry(address(this), 0, new address[](0), address(this));
        REGISTRY.openStream(STREAM, address(this), 0);
    }

    /// @notice Anchors the next batch.
    function anchor(uint8 count, bytes32 salt) external {
        uint64 length = uint64(count) + 1;
        uint64 last = _ends.length == 0 ? 0 : _ends[_ends.length - 1];
        bytes32 previous = _roots.length == 0 ? bytes32(0) : _roots[_roots.length - 1];
        Batch memory batch = Batch({
            startSequence: last + 1,
            endSequence: last + length,
            count: uint32(length),
            batchRoot: salt,
            factsRoot: bytes32((uint256(salt) >> 8) | 1),
            logRoot: keccak256(abi.encode(salt))
        });
        _roots.push(REGISTRY.anchor(STREAM, batch, previous));
        _contents.push(StateRoot.content(batch.batchRoot, batch.factsRoot, batch.logRoot));
        _ends.push(batch.endSequence);
        _refs.push(
            BatchRef(uint64(_ends.length), batch.endSequence, uint64(block.timestamp), batch.factsRoot)
        );
        _epochs.push(REGISTRY.head(STREAM).epoch);
    }

    /// @notice Cuts everything after a random batch.
    function reopen(uint256 seed) external {
        uint256 length = _ends.length;
        if (length == 0) return;
        uint256 keep = seed % length;
        CutBatch[] memory cut = new CutBatch[](length - keep);
        for (uint256 i = keep; i < length; ++i) {
            cut[i - keep] = CutBatch(_contents[i], _ends[i]);
        }
        (bytes32 root, uint64 end) = keep == 0 ? (bytes32(0), 0) : (_roots[keep - 1], _ends[keep - 1]);
        REGISTRY.reopen(STREAM, uint64(keep), end, root, cut);
        while (_ends.length > keep) {
            _cutRefs.push(_refs[_refs.length - 1]);
            _cutEpochs.push(_epochs[_epochs.length - 1]);
            _roots.pop();
            _contents.pop();
            _ends.pop();
            _refs.pop();
            _epochs.pop();
        }
    }

    function length() external view returns (uint256) {
        return _refs.length;
    }

    function live(uint256 i) external view returns (BatchRef memory, uint32 epoch, bytes32 root) {
        return (_refs[i], _epochs[i], _roots[i]);
    }

    function cutLength() external view returns (uint256) {
        return _cutRefs.length;
    }

    function cutAt(uint256 i) external view returns (BatchRef memory, uint32 epoch) {
        return (_cutRefs[i], _cutEpochs[i]);
    }
}

/// @title Invariants of the anchor chain, whatever is anchored and cut
contract AnchorRegistryInvariants {
    StreamDriver private _driver;
    AnchorRegistry private _registry;
    bytes32 private _stream;

    function setUp() public {
        _driver = new StreamDriver();
        _registry = _driver.REGISTRY();
        _stream = _driver.STREAM();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_driver);
    }

    /// @notice The head is the last live batch.
    function invariant_headIsTheLastLiveBatch() public view {
        Head memory head = _registry.head(_stream);
        uint256 length = _driver.length();
        require(head.batchIndex == length, "index");
        if (length == 0) {
            require(head.end == 0 && head.stateRoot == bytes32(0), "empty");
            return;
        }
        (BatchRef memory ref,, bytes32 root) = _driver.live(length - 1);
        require(head.end == ref.end && head.stateRoot == root, "head");
    }

    /// @notice Every live batch is kept, and usable unless an overwritten ring slot lost it; no cut batch ever is either.
    function invariant_cutBatchesNeverCount() public view {
        for (uint256 i = 0; i < _driver.cutLength(); ++i) {
            (BatchRef memory ref, uint32 epoch) = _driver.cutAt(i);
            require(!_registry.isKept(_stream, epoch, ref.batchIndex), "a cut batch is kept");
            require(!_isUsable(ref) || _isLive(ref), "a cut batch is usable");
        }
    }

    /// @notice What stands in the chain is kept, and the newest is always usable.
    function invariant_liveBatchesAreKept() public view {
        uint256 length = _driver.length();
        for (uint256 i = 0; i < length; ++i) {
            (BatchRef memory ref, uint32 epoch,) = _driver.live(i);
            require(_registry.isKept(_stream, epoch, ref.batchIndex), "a live batch is not kept");
        }
        if (length == 0 || _registry.head(_stream).epoch != 0) return;
        (BatchRef memory last,,) = _driver.live(length - 1);
        require(_isUsable(last), "the newest batch is not usable");
    }

    /// @dev The very same batch may be anchored again after a cut; then it counts again.
    function _isLive(BatchRef memory ref) private view returns (bool) {
        if (ref.batchIndex > _driver.length()) return false;
        (BatchRef memory other,,) = _driver.live(ref.batchIndex - 1);
        return keccak256(abi.encode(other)) == keccak256(abi.encode(ref));
    }

    function _isUsable(BatchRef memory ref) private view returns (bool) {
        try _registry.requireUsable(_stream, ref) {
            return true;
        } catch {
            return false;
        }
    }
}
