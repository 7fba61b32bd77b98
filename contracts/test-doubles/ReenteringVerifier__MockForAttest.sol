// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title A circuit verifier that calls its caller back, and accepts the proof only if that was refused
contract ReenteringVerifier__MockForAttest {
    bytes private _callback;

    /// @notice What to call back with; empty for not at all.
    function setCallback(bytes calldata callback) external {
        _callback = callback;
    }

    fallback() external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool entered,) = msg.sender.call(_callback);
        assembly {
            mstore(0x00, iszero(entered))
            return(0x00, 0x20)
        }
    }
}
