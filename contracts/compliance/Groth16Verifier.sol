// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IGroth16Verifier, Proof, VerifyingKey} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "../libraries/Bn254.sol";

/// @title Groth16 verifier for four public signals
/// @notice Holds its verifying key as immutables: compiling needs no setup, and the deployed code is the key.
/// @dev Single check: e(-A, B) * e(alpha, beta) * e(L, gamma) * e(C, delta) == 1 with L = IC0 + sum(signal_j * IC_j).
/// Batch check: the same product of k equations, each raised to its own coefficient r_i, with the fixed G2 points
/// gathered: prod e(-r_i A_i, B_i) * e(sum r_i alpha, beta) * e(sum r_i L_i, gamma) * e(sum r_i C_i, delta) == 1.
contract Groth16Verifier is IGroth16Verifier {
    uint256 private immutable ALPHA_X;
    uint256 private immutable ALPHA_Y;
    uint256 private immutable BETA_X1;
    uint256 private immutable BETA_X0;
    uint256 private immutable BETA_Y1;
    uint256 private immutable BETA_Y0;
    uint256 private immutable GAMMA_X1;
    uint256 private immutable GAMMA_X0;
    uint256 private immutable GAMMA_Y1;
    uint256 private immutable GAMMA_Y0;
    uint256 private immutable DELTA_X1;
    uint256 private immutable DELTA_X0;
    uint256 private immutable DELTA_Y1;
    uint256 private immutable DELTA_Y0;
    uint256 private immutable IC0_X;
    uint256 private immutable IC0_Y;
    uint256 private immutable IC1_X;
    uint256 private immutable IC1_Y;
    uint256 private immutable IC2_X;
    uint256 private immutable IC2_Y;
    uint256 private immutable IC3_X;
    uint256 private immutable IC3_Y;
    uint256 private immutable IC4_X;
    uint256 private immutable IC4_Y;

    /// @param key The verifying key; refused if anybody could forge proofs for it or a coordinate is out of range.
    constructor(VerifyingKey memory key) {
        _requireG1(key.alpha);
        _requireG2(key.beta);
        _requireG2(key.gamma);
        _requireG2(key.delta);
        for (uint256 i = 0; i < 5; ++i) {
            _requireG1(key.ic[i]);
        }
        // All coordinates are canonical by now, and on the curve the same x means the same point or its negative.
        if (key.delta[0][0] == key.gamma[0][0] && key.delta[0][1] == key.gamma[0][1]) revert DeltaEqualsGamma();

        (ALPHA_X, ALPHA_Y) = (key.alpha[0], key.alpha[1]);
        (BETA_X1, BETA_X0, BETA_Y1, BETA_Y0) = (key.beta[0][0], key.beta[0][1], key.beta[1][0], key.beta[1][1]);
        (GAMMA_X1, GAMMA_X0, GAMMA_Y1, GAMMA_Y0) =
            (key.gamma[0][0], key.gamma[0][1], key.gamma[1][0], key.gamma[1][1]);
        (DELTA_X1, DELTA_X0, DELTA_Y1, DELTA_Y0) =
            (key.delta[0][0], key.delta[0][1], key.delta[1][0], key.delta[1][1]);
        (IC0_X, IC0_Y) = (key.ic[0][0], key.ic[0][1]);
        (IC1_X, IC1_Y) = (key.ic[1][0], key.ic[1][1]);
        (IC2_X, IC2_Y) = (key.ic[2][0], key.ic[2][1]);
        (IC3_X, IC3_Y) = (key.ic[3][0], key.ic[3][1]);
        (IC4_X, IC4_Y) = (key.ic[4][0], key.ic[4][1]);
    }

    /// @inheritdoc IGroth16Verifier
    function verify(Proof calldata proof, uint256[4] calldata signals) external view returns (bool) {
        if (!_inField(signals) || proof.a[1] >= Bn254.BASE_MODULUS) return false;

        uint256 input = Bn254.allocate(4 * Bn254.PAIR_BYTES);
        uint256 lPoint;
        unchecked {
            // Addresses in memory.
            lPoint = input + 2 * Bn254.PAIR_BYTES;
            Bn254.store(input, proof.a[0], Bn254.negated(proof.a[1]));
            _storeG2(input + 0x40, proof.b);
            _storeKey(input + Bn254.PAIR_BYTES);
            Bn254.store(input + Bn254.PAIR_BYTES, ALPHA_X, ALPHA_Y);
            Bn254.store(lPoint, IC0_X, IC0_Y);
            Bn254.store(lPoint + Bn254.PAIR_BYTES, proof.c[0], proof.c[1]);
        }

        return _addSignals(lPoint, signals[0], signals[1], signals[2], signals[3]) && Bn254.pairingIsOne(input, 4);
    }

    /// @inheritdoc IGroth16Verifier
    function verifyBatch(Proof[] calldata proofs, uint256[4][] calldata signals, bytes32 seed)
        external
        view
        returns (bool)
    {
        uint256 k = proofs.length;
        if (k == 0 || k != signals.length) return false;

        bytes32 transcript = _transcript(proofs, signals, seed);
        uint256 pair = Bn254.allocate((k + 3) * Bn254.PAIR_BYTES);
        uint256 fixedPairs = pair + k * Bn254.PAIR_BYTES;
        _storeKey(fixedPairs);

        uint256[5] memory sums; // of the coefficients, and of coefficient * signal_j
        for (uint256 i = 0; i < k; ++i) {
            if (!_inField(signals[i])) return false;
            uint256 r = _coefficient(transcript, i);
            if (!_addProof(pair, fixedPairs, proofs[i], r)) return false;
            _addSums(sums, signals[i], r);
            pair += Bn254.PAIR_BYTES;
        }

        uint256 input = fixedPairs - k * Bn254.PAIR_BYTES;
        return _finishKey(fixedPairs, sums) && Bn254.pairingIsOne(input, k + 3);
    }

    /// @inheritdoc IGroth16Verifier
    function verifyingKey() external view returns (VerifyingKey memory key) {
        key.alpha = [ALPHA_X, ALPHA_Y];
        key.beta = [[BETA_X1, BETA_X0], [BETA_Y1, BETA_Y0]];
        key.gamma = [[GAMMA_X1, GAMMA_X0], [GAMMA_Y1, GAMMA_Y0]];
        key.delta = [[DELTA_X1, DELTA_X0], [DELTA_Y1, DELTA_Y0]];
        key.ic = [[IC0_X, IC0_Y], [IC1_X, IC1_Y], [IC2_X, IC2_Y], [IC3_X, IC3_Y], [IC4_X, IC4_Y]];
    }

    /// @dev Writes beta, gamma and delta into the three fixed pairs, leaving their G1 halves.
    function _storeKey(uint256 fixedPairs) private view {
        unchecked {
            // Addresses in memory.
            Bn254.store(fixedPairs + 0x40, BETA_X1, BETA_X0);
            Bn254.store(fixedPairs + 0x80, BETA_Y1, BETA_Y0);
            Bn254.store(fixedPairs + Bn254.PAIR_BYTES + 0x40, GAMMA_X1, GAMMA_X0);
            Bn254.store(fixedPairs + Bn254.PAIR_BYTES + 0x80, GAMMA_Y1, GAMMA_Y0);
            Bn254.store(fixedPairs + 2 * Bn254.PAIR_BYTES + 0x40, DELTA_X1, DELTA_X0);
            Bn254.store(fixedPairs + 2 * Bn254.PAIR_BYTES + 0x80, DELTA_Y1, DELTA_Y0);
        }
    }

    /// @dev Adds the four signals' share to the point at `lPoint`.
    function _addSignals(uint256 lPoint, uint256 s0, uint256 s1, uint256 s2, uint256 s3) private view returns (bool) {
        return Bn254.mulAddTo(lPoint, IC1_X, IC1_Y, s0) && Bn254.mulAddTo(lPoint, IC2_X, IC2_Y, s1)
            && Bn254.mulAddTo(lPoint, IC3_X, IC3_Y, s2) && Bn254.mulAddTo(lPoint, IC4_X, IC4_Y, s3);
    }

    /// @dev Writes (-r A, B) as one pair and adds r C to the G1 half of delta's.
    function _addProof(uint256 pair, uint256 fixedPairs, Proof calldata proof, uint256 r)
        private
        view
        returns (bool)
    {
        if (!Bn254.mulTo(pair, proof.a[0], proof.a[1], r)) return false;
        Bn254.negateAt(pair);
        _storeG2(pair + 0x40, proof.b);
        return Bn254.mulAddTo(fixedPairs + 2 * Bn254.PAIR_BYTES, proof.c[0], proof.c[1], r);
    }

    /// @dev Writes the G1 halves of alpha's and gamma's pairs of a batch.
    function _finishKey(uint256 fixedPairs, uint256[5] memory sums) private view returns (bool) {
        uint256 lPoint = fixedPairs + Bn254.PAIR_BYTES;
        return Bn254.mulTo(fixedPairs, ALPHA_X, ALPHA_Y, sums[0]) && Bn254.mulTo(lPoint, IC0_X, IC0_Y, sums[0])
            && _addSignals(lPoint, sums[1], sums[2], sums[3], sums[4]);
    }

    function _addSums(uint256[5] memory sums, uint256[4] calldata signals, uint256 r) private pure {
        // Written out: constant places need no bounds checks.
        sums[0] = addmod(sums[0], r, Bn254.SCALAR_ORDER);
        sums[1] = addmod(sums[1], mulmod(r, signals[0], Bn254.SCALAR_ORDER), Bn254.SCALAR_ORDER);
        sums[2] = addmod(sums[2], mulmod(r, signals[1], Bn254.SCALAR_ORDER), Bn254.SCALAR_ORDER);
        sums[3] = addmod(sums[3], mulmod(r, signals[2], Bn254.SCALAR_ORDER), Bn254.SCALAR_ORDER);
        sums[4] = addmod(sums[4], mulmod(r, signals[3], Bn254.SCALAR_ORDER), Bn254.SCALAR_ORDER);
    }

    /// @dev Everything the coefficients must depend on: whoever chooses one proof or signal after seeing a coefficient
    /// could cancel a false equation with it. All three lengths follow from the total, so no two batches collide.
    function _transcript(Proof[] calldata proofs, uint256[4][] calldata signals, bytes32 seed)
        private
        pure
        returns (bytes32 transcript)
    {
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            let proofBytes := mul(proofs.length, 0x100)
            let signalBytes := mul(signals.length, 0x80)
            mstore(scratch, seed)
            calldatacopy(add(scratch, 0x20), proofs.offset, proofBytes)
            calldatacopy(add(add(scratch, 0x20), proofBytes), signals.offset, signalBytes)
            transcript := keccak256(scratch, add(0x20, add(proofBytes, signalBytes)))
        }
    }

    /// @dev 128 bits, never zero: zero would drop the equation.
    function _coefficient(bytes32 transcript, uint256 i) private pure returns (uint256 r) {
        assembly ("memory-safe") {
            mstore(0x00, transcript)
            mstore(0x20, i)
            r := shr(128, keccak256(0x00, 0x40))
            r := or(r, iszero(r))
        }
    }

    function _storeG2(uint256 target, uint256[2][2] calldata point) private pure {
        assembly ("memory-safe") {
            calldatacopy(target, point, 0x80)
        }
    }

    function _inField(uint256[4] calldata signals) private pure returns (bool) {
        return signals[0] < Bn254.SCALAR_ORDER && signals[1] < Bn254.SCALAR_ORDER
            && signals[2] < Bn254.SCALAR_ORDER && signals[3] < Bn254.SCALAR_ORDER;
    }

    function _requireG1(uint256[2] memory point) private pure {
        _requireCoordinates(point);
        if ((point[0] | point[1]) == 0) revert KeyPointAtInfinity();
    }

    function _requireG2(uint256[2][2] memory point) private pure {
        _requireCoordinates(point[0]);
        _requireCoordinates(point[1]);
        if ((point[0][0] | point[0][1] | point[1][0] | point[1][1]) == 0) revert KeyPointAtInfinity();
    }

    function _requireCoordinates(uint256[2] memory pair) private pure {
        if (pair[0] >= Bn254.BASE_MODULUS) revert KeyNotInField(pair[0]);
        if (pair[1] >= Bn254.BASE_MODULUS) revert KeyNotInField(pair[1]);
    }
}
