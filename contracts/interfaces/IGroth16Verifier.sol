// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @notice A Groth16 proof over BN254 in the order of the EIP-197 precompile (`b` has its imaginary part first).
struct Proof {
    uint256[2] a;
    uint256[2][2] b;
    uint256[2] c;
}

/// @notice A BN254 Groth16 verifying key for a circuit with four public signals, encoded as `Proof`.
struct VerifyingKey {
    uint256[2] alpha;
    uint256[2][2] beta;
    uint256[2][2] gamma;
    uint256[2][2] delta;
    uint256[2][5] ic;
}

/// @title A circuit verifier: one verifying key, for good
/// @notice Answers whether a proof holds. Never reverts for a false proof; answers false for anything malformed.
/// @dev Warning: with too little gas the precompiles fail and the answer is false as well. A caller that acts on false
/// must make sure of the gas first. A point that is not on its curve takes (nearly) all gas that was given.
interface IGroth16Verifier {
    /// @notice The key has `delta == gamma`, as without any phase-2 contribution, or `delta == -gamma`: with either, anybody
    /// can forge proofs.
    error DeltaEqualsGamma();
    /// @notice A coordinate of the key is not below the base field's modulus.
    error KeyNotInField(uint256 given);
    /// @notice A point of the key is the point at infinity: a term of the equation would vanish, and with it what it binds.
    error KeyPointAtInfinity();

    /// @notice Whether `proof` holds for the public `signals`, each below the scalar field's order.
    function verify(Proof calldata proof, uint256[4] calldata signals) external view returns (bool);

    /// @notice Whether all proofs hold, by one random linear combination of their equations.
    /// @dev Sound up to 2^-128 because every coefficient is derived from `seed` and all proofs and signals. An empty
    /// batch is false. False says that at least one proof is wrong, not which.
    /// @param seed Caller's domain separation, e.g. the hash of chain, contract and version.
    function verifyBatch(Proof[] calldata proofs, uint256[4][] calldata signals, bytes32 seed)
        external
        view
        returns (bool);

    /// @notice The verifying key, to compare with the ceremony's.
    function verifyingKey() external view returns (VerifyingKey memory);
}
