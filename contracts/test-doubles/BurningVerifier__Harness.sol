// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title A circuit verifier that burns all gas it gets
contract BurningVerifier__Harness {
    fallback() external {
        assembly {
            invalid()
        }
    }
}
