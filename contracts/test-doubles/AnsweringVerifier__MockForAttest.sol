// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title A circuit verifier that answers, or reverts with, whatever bytes it was told
contract AnsweringVerifier__MockForAttest {
    bytes private _answer;
    bool private _reverts;

    /// @notice What every other call gets from now on.
    function setAnswer(bytes calldata answer, bool reverts) external {
        _answer = answer;
        _reverts = reverts;
    }

    fallback() external {
        bytes memory answer = _answer;
        bool reverts = _reverts;
        assembly {
            if reverts { revert(add(answer, 0x20), mload(answer)) }
            return(add(answer, 0x20), mload(answer))
        }
    }
}
