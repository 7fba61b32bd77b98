// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {PoseidonT4} from "poseidon-solidity/PoseidonT4.sol";
import {AnchorRegistry} from "../../../contracts/compliance/AnchorRegistry.sol";
import {Batch, BatchRef} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {Policy} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {Bn254} from "../../../contracts/libraries/Bn254.sol";
import {PolicyHash} from "../../../contracts/libraries/PolicyHash.sol";
import {StateRoot} from "../../../contracts/libraries/StateRoot.sol";
import {StipendCall} from "../../../contracts/libraries/StipendCall.sol";

/// @title The libraries against references written another way
contract LibrariesFuzz {
    uint256 private constant P = Bn254.SCALAR_ORDER;
    int256 private constant LIMIT = 2 ** 100;

    /// @notice The packing is the sum of docs/formats.md, and a negative bound is the field's negative.
    function testFuzz_policyHashIsTheFormulaOfTheFormat(int32[4] memory w, int256 a, int256 b, uint64 mask)
        external
        view
    {
        (int256 lower, int256 upper) = (a % LIMIT, b % LIMIT);
        if (lower > upper) (lower, upper) = (upper, lower);
        uint256 sum = uint256(mask) * 2 ** 128 + uint256(0x5058504f4c4931) * 2 ** 192;
        for (uint256 i = 0; i < 4; ++i) {
            sum += uint256(int256(w[i]) + 2147483648) * (uint256(2) ** (32 * i));
        }
        uint256 expected = PoseidonT4.hash([sum, _mod(lower), _mod(upper)]);
        require(this.policyHash(Policy(w, lower, upper, mask)) == expected, "another hash");
    }

    /// @notice A bound is refused exactly from 2^100 in size, and crossed bounds are.
    function testFuzz_policyBoundsAreRefusedFromTheLimitOn(int256 lower, int256 upper) external view {
        int32[4] memory w;
        bool good = lower > -LIMIT && lower < LIMIT && upper > -LIMIT && upper < LIMIT && lower <= upper;
        require(_isHashed(Policy(w, lower, upper, 1)) == good, "the bounds' rule differs");
        int8[4] memory around = [int8(-1), int8(0), int8(1), int8(2)];
        for (uint256 i = 0; i < around.length; ++i) {
            int256 edge = LIMIT - 1 + around[i];
            require(_isHashed(Policy(w, 0, edge, 1)) == (edge < LIMIT), "the upper edge differs");
            require(_isHashed(Policy(w, -edge, 0, 1)) == (edge < LIMIT), "the lower edge differs");
        }
    }

    /// @notice A point times k is the point added k times, and n more times is nothing.
    function testFuzz_pointsMultiplyAsTheyAdd(uint8 k) external view {
        uint256 place = Bn254.allocate(256);
        require(Bn254.mulTo(place, 1, 2, k), "a multiplication failed");
        for (uint256 i = 0; i < k; ++i) {
            require(Bn254.mulAddTo(place + 64, 1, 2, 1), "an addition failed");
        }
        bool same = _word(place) == _word(place + 64) && _word(place + 32) == _word(place + 96);
        require(same, "k times is not k additions");
        require(Bn254.mulTo(place, 1, 2, P) && _word(place) == 0 && _word(place + 32) == 0, "the order is another");
    }

    /// @notice A point and its negative add up to the point place infinity, whose negative is itself.
    function testFuzz_negativesCancel(uint256 scalar) external view {
        uint256 place = Bn254.allocate(128);
        require(Bn254.mulTo(place, 1, 2, scalar), "a multiplication failed");
        (uint256 x, uint256 y) = (_word(place), _word(place + 32));
        Bn254.negateAt(place);
        require(_word(place + 32) < Bn254.BASE_MODULUS, "a coordinate is not reduced");
        require(Bn254.mulAddTo(place, x, y, 1) && _word(place) == 0 && _word(place + 32) == 0, "they do not cancel");
    }

    /// @notice What is no point is refused, coordinates from the modulus on among them.
    function testFuzz_whatIsNoPointIsRefused(uint256 x, uint256 y) external view {
        bool valid = x < Bn254.BASE_MODULUS && y < Bn254.BASE_MODULUS && ((x == 0 && y == 0) || _onCurve(x, y));
        require(this.multiplies(x, y) == valid, "another set of points");
        require(!this.multiplies(1 + Bn254.BASE_MODULUS, 2), "a coordinate above the modulus was taken");
    }

    /// @notice The state root hashes exactly the bytes of the format, through the precompile itself.
    function testFuzz_stateRootIsTheFormulaOfTheFormat(
        bytes32[3] calldata words,
        uint64 start,
        uint64 end,
        uint32 count
    ) external view {
        bytes memory preimage = bytes.concat(
            "VES_STATE_ROOT_V1", words[0], words[1], words[2], bytes8(start), bytes8(end), bytes4(count)
        );
        (, bytes memory digest) = address(2).staticcall(preimage);
        bytes32 next = StateRoot.next(words[0], words[1], words[2], start, end, count);
        require(next == abi.decode(digest, (bytes32)), "another state root");
        (, digest) = address(2).staticcall(bytes.concat("PROOFX_BATCH_V1", words[0], words[1], words[2]));
        bytes32 content = StateRoot.content(words[0], words[1], words[2]);
        require(content == abi.decode(digest, (bytes32)), "another content root");
    }

    /// @notice However many batches are anchored, the newest 256 count and no other.
    /// forge-config: default.fuzz.runs = 24
    function testFuzz_INV12_theRingHoldsTheNewest256(uint16 seed) external {
        uint256 length = 1 + seed % 600;
        bytes32 stream = keccak256("stream");
        AnchorRegistry registry = new AnchorRegistry(address(this), 0, new address[](0), address(1));
        registry.openStream(stream, address(this), 0);
        bytes32 root;
        for (uint64 i = 1; i <= length; ++i) {
            root = registry.anchor(stream, Batch(i, i, 1, bytes32(0), bytes32(uint256(i)), bytes32(0)), root);
        }
        for (uint64 i = 1; i <= length; ++i) {
            bool newest = i + 256 > length;
            require(_isUsable(registry, stream, i) == newest, "the ring's edge is elsewhere");
        }
        require(!_isUsable(registry, stream, uint64(length + 1)), "a batch to come counts");
        require(!_isUsable(registry, stream, 0), "batch 0 counts");
    }

    /// @notice A call answers true for exactly one word that is 1, whatever else is there.
    function testFuzz_onlyTheWordOneIsTrue(uint256 word, uint8 length) external {
        AnsweringProbe probe = new AnsweringProbe(word, length);
        bool expected = word == 1 && length == 32;
        require(StipendCall.answersTrue(address(probe), 30_000, "") == expected, "another answer is true");
        AnsweringProbe one = new AnsweringProbe(1, 32);
        require(StipendCall.answersTrue(address(one), 30_000, ""), "1 is not true");
    }

    function policyHash(Policy calldata parameters) external pure returns (uint256) {
        return PolicyHash.hash(parameters);
    }

    /// @dev With little gas: a precompile that refuses takes all it gets.
    function multiplies(uint256 x, uint256 y) external view returns (bool) {
        try this.multiply{gas: 50_000}(x, y) returns (bool ok) {
            return ok;
        } catch {
            return false;
        }
    }

    function multiply(uint256 x, uint256 y) external view returns (bool) {
        return Bn254.mulTo(Bn254.allocate(64), x, y, 1);
    }

    function _isHashed(Policy memory parameters) private view returns (bool) {
        try this.policyHash(parameters) returns (uint256) {
            return true;
        } catch {
            return false;
        }
    }

    function _isUsable(AnchorRegistry registry, bytes32 stream, uint64 i) private view returns (bool) {
        BatchRef memory ref = BatchRef(i, i, uint64(block.timestamp), bytes32(uint256(i)));
        try registry.requireUsable(stream, ref) {
            return true;
        } catch {
            return false;
        }
    }

    function _mod(int256 value) private pure returns (uint256) {
        return uint256(((value % int256(P)) + int256(P)) % int256(P));
    }

    function _onCurve(uint256 x, uint256 y) private pure returns (bool) {
        uint256 q = Bn254.BASE_MODULUS;
        return mulmod(y, y, q) == addmod(mulmod(mulmod(x, x, q), x, q), 3, q);
    }

    function _word(uint256 place) private pure returns (uint256 word) {
        assembly {
            word := mload(place)
        }
    }
}

/// @notice Answers the first `length` bytes of a word, and zeros after it.
contract AnsweringProbe {
    uint256 private immutable WORD;
    uint256 private immutable LENGTH;

    constructor(uint256 word, uint256 length) {
        (WORD, LENGTH) = (word, length);
    }

    fallback() external {
        (uint256 word, uint256 length) = (WORD, LENGTH);
        assembly {
            mstore(0x00, word)
            mstore(0x20, 0)
            return(0x00, length)
        }
    }
}
