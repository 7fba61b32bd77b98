// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {Batch, BatchRef, CutBatch, Head, IAnchorRegistry} from "../interfaces/IAnchorRegistry.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {StateRoot} from "../libraries/StateRoot.sol";

/// @title The anchors of every stream's batches
/// @notice See `IAnchorRegistry`. Not upgradeable.
contract AnchorRegistry is AccessControlDefaultAdminRules, IAnchorRegistry {
    /// @dev The first three slots are all that `anchor` touches besides one slot of the ring.
    struct Stream {
        address anchorer;
        uint64 end;
        uint32 batchIndex;
        bytes32 stateRoot;
        uint32 maturityDelay;
        uint32 epoch;
        bool opened;
        /// The index that survived, one entry per finished epoch.
        uint32[] keptIndex;
        bytes32[256] ring;
    }

    /// @inheritdoc IAnchorRegistry
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    /// @inheritdoc IAnchorRegistry
    bytes32 public constant REOPENER_ROLE = keccak256("REOPENER_ROLE");

    uint64 private constant MAX_COUNT = 2 ** 18;
    uint64 private constant MAX_END = type(uint64).max - 1;
    uint32 private constant MAX_MATURITY_DELAY = 7 days;
    uint256 private constant RING_SIZE = 256;

    mapping(bytes32 streamId => Stream) private _streams;

    /// @param admin Default admin: opens streams, names anchorers and guardians.
    /// @param adminDelay Seconds between the two steps of handing that role over.
    /// @param guardians Accounts that may veto.
    /// @param timelock The one account that may reopen a stream, and that alone can hand this right on.
    constructor(address admin, uint48 adminDelay, address[] memory guardians, address timelock)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        _setRoleAdmin(REOPENER_ROLE, REOPENER_ROLE);
        _grantFirst(REOPENER_ROLE, timelock);
        for (uint256 i = 0; i < guardians.length; ++i) {
            _grantFirst(GUARDIAN_ROLE, guardians[i]);
        }
    }

    /// @inheritdoc IAnchorRegistry
    function openStream(bytes32 streamId, address anchorer, uint32 maturityDelay)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        if (streamId == bytes32(0)) revert ZeroStreamId();
        if (anchorer == address(0)) revert ZeroAddress();
        if (maturityDelay > MAX_MATURITY_DELAY) revert MaturityDelayTooLong(MAX_MATURITY_DELAY, maturityDelay);
        Stream storage stream = _streams[streamId];
        if (stream.opened) revert StreamAlreadyOpen(streamId);

        stream.opened = true;
        stream.anchorer = anchorer;
        stream.maturityDelay = maturityDelay;

        emit StreamOpened(streamId, anchorer, maturityDelay);
    }

    /// @inheritdoc IAnchorRegistry
    function replaceAnchorer(bytes32 streamId, address newAnchorer) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Stream storage stream = _open(streamId);
        address previousAnchorer = stream.anchorer;

        stream.anchorer = newAnchorer;

        emit AnchorerReplaced(streamId, previousAnchorer, newAnchorer);
    }

    /// @inheritdoc IAnchorRegistry
    function anchor(bytes32 streamId, Batch calldata batch, bytes32 previousStateRoot)
        external
        returns (bytes32 stateRoot)
    {
        Stream storage stream = _streams[streamId];
        if (msg.sender != stream.anchorer) revert NotAnchorer(_open(streamId).anchorer, msg.sender);
        if (previousStateRoot != stream.stateRoot) revert WrongPreviousStateRoot(stream.stateRoot, previousStateRoot);
        _requireFollowsOn(batch, stream.end);
        if (uint256(batch.factsRoot) >= Bn254.SCALAR_ORDER) revert FactsRootNotInField(batch.factsRoot);

        stateRoot = StateRoot.next(
            streamId,
            previousStateRoot,
            StateRoot.content(batch.batchRoot, batch.factsRoot, batch.logRoot),
            batch.startSequence,
            batch.endSequence,
            batch.count
        );
        // Checked: a stream of 2^32 - 1 batches is full.
        uint32 batchIndex = stream.batchIndex + 1;
        uint64 matureAt = uint64(block.timestamp) + stream.maturityDelay;
        stream.end = batch.endSequence;
        stream.batchIndex = batchIndex;
        stream.stateRoot = stateRoot;
        stream.ring[batchIndex % RING_SIZE] = _slotOf(batch.factsRoot, batchIndex, batch.endSequence, matureAt);

        _emitAnchored(streamId, batchIndex, batch, stateRoot, matureAt);
    }

    /// @inheritdoc IAnchorRegistry
    function veto(bytes32 streamId, BatchRef calldata batchRef) external onlyRole(GUARDIAN_ROLE) {
        Stream storage stream = _open(streamId);
        bytes32 slot = _requireRecent(stream, streamId, batchRef);
        if (block.timestamp >= batchRef.matureAt) {
            revert BatchAlreadyMature(batchRef.matureAt, uint64(block.timestamp));
        }

        stream.ring[batchRef.batchIndex % RING_SIZE] = ~slot;

        emit BatchVetoed(streamId, batchRef.batchIndex, msg.sender);
    }

    /// @inheritdoc IAnchorRegistry
    function reopen(bytes32 streamId, uint64 batchIndex, uint64 end, bytes32 stateRoot, CutBatch[] calldata cut)
        external
        onlyRole(REOPENER_ROLE)
    {
        Stream storage stream = _open(streamId);
        uint64 headIndex = stream.batchIndex;
        if (batchIndex >= headIndex) revert NothingToCut(headIndex, batchIndex);
        if (cut.length != headIndex - batchIndex) revert WrongCutLength(headIndex - batchIndex, cut.length);
        bytes32 computedHead = _walk(streamId, end, stateRoot, cut);
        if (computedHead != stream.stateRoot) revert WrongCutChain(stream.stateRoot, computedHead);

        // Below a uint32 that was just compared with it.
        stream.keptIndex.push(uint32(batchIndex));
        stream.batchIndex = uint32(batchIndex);
        stream.end = end;
        stream.stateRoot = stateRoot;
        uint32 epoch = ++stream.epoch;

        emit StreamReopened(streamId, batchIndex, epoch, headIndex - batchIndex, stateRoot);
    }

    /// @inheritdoc IAnchorRegistry
    function head(bytes32 streamId) external view returns (Head memory) {
        Stream storage stream = _open(streamId);
        return Head({
            anchorer: stream.anchorer,
            batchIndex: stream.batchIndex,
            end: stream.end,
            stateRoot: stream.stateRoot,
            maturityDelay: stream.maturityDelay,
            epoch: stream.epoch
        });
    }

    /// @inheritdoc IAnchorRegistry
    function requireUsable(bytes32 streamId, BatchRef calldata batchRef)
        external
        view
        returns (uint32 epoch, uint64 anchoredAt)
    {
        if (batchRef.factsRoot == bytes32(0)) revert FactsRootZero();
        Stream storage stream = _open(streamId);
        _requireRecent(stream, streamId, batchRef);
        if (block.timestamp < batchRef.matureAt) {
            revert BatchNotMature(batchRef.matureAt, uint64(block.timestamp));
        }

        return (stream.epoch, batchRef.matureAt - stream.maturityDelay);
    }

    /// @inheritdoc IAnchorRegistry
    function isKept(bytes32 streamId, uint32 epoch, uint64 batchIndex) external view returns (bool) {
        Stream storage stream = _streams[streamId];
        uint32 currentEpoch = stream.epoch;
        if (batchIndex == 0 || batchIndex > stream.batchIndex || epoch > currentEpoch) return false;

        // Reopenings are rare acts of the timelock, so this stays short.
        for (uint256 i = epoch; i < currentEpoch; ++i) {
            if (batchIndex > stream.keptIndex[i]) return false;
        }
        return true;
    }

    function _grantFirst(bytes32 role, address account) private {
        if (account == address(0)) revert ZeroAddress();
        _grantRole(role, account);
    }

    /// @dev Its own function: nine event arguments would not fit `anchor`'s stack.
    function _emitAnchored(
        bytes32 streamId,
        uint64 batchIndex,
        Batch calldata batch,
        bytes32 stateRoot,
        uint64 matureAt
    ) private {
        emit BatchAnchored(
            streamId,
            batchIndex,
            batch.startSequence,
            batch.endSequence,
            batch.batchRoot,
            batch.factsRoot,
            batch.logRoot,
            stateRoot,
            matureAt
        );
    }

    function _open(bytes32 streamId) private view returns (Stream storage stream) {
        stream = _streams[streamId];
        if (!stream.opened) revert StreamUnknown(streamId);
    }

    /// @dev A cut batch can still stand in the ring, above the head; every index up to the head that matches is live.
    function _requireRecent(Stream storage stream, bytes32 streamId, BatchRef calldata batchRef)
        private
        view
        returns (bytes32 slot)
    {
        slot = _slotOf(batchRef.factsRoot, batchRef.batchIndex, batchRef.end, batchRef.matureAt);
        bytes32 stored = stream.ring[batchRef.batchIndex % RING_SIZE];
        if (batchRef.batchIndex <= stream.batchIndex) {
            if (stored == slot) return slot;
            if (stored == ~slot) revert BatchIsVetoed(streamId, batchRef.batchIndex);
        }
        revert BatchUnknown(streamId, batchRef.batchIndex);
    }

    function _requireFollowsOn(Batch calldata batch, uint64 lastEnd) private pure {
        // No overflow: a recorded end is at most MAX_END.
        if (batch.startSequence != lastEnd + 1) revert WrongStart(lastEnd + 1, batch.startSequence);
        if (batch.endSequence > MAX_END) revert WrongEnd(MAX_END, batch.endSequence);
        if (batch.endSequence < batch.startSequence) revert EndBeforeStart(batch.startSequence, batch.endSequence);
        uint64 count = batch.endSequence - batch.startSequence + 1;
        if (count > MAX_COUNT) revert BatchTooLarge(MAX_COUNT, count);
        if (batch.count != count) revert WrongCount(count, batch.count);
    }

    /// @dev Hashes the cut batches onto the kept state root, oldest first.
    function _walk(bytes32 streamId, uint64 end, bytes32 stateRoot, CutBatch[] calldata cut)
        private
        pure
        returns (bytes32)
    {
        for (uint256 i = 0; i < cut.length; ++i) {
            uint64 cutEnd = cut[i].end;
            unchecked {
                // A wrapped start or count only gives a root that never was.
                stateRoot =
                    StateRoot.next(streamId, stateRoot, cut[i].contentRoot, end + 1, cutEnd, uint32(cutEnd - end));
            }
            end = cutEnd;
        }
        return stateRoot;
    }

    function _slotOf(bytes32 factsRoot, uint64 batchIndex, uint64 end, uint64 matureAt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(factsRoot, batchIndex, end, matureAt));
    }
}
