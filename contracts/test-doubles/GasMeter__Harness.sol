// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title Measures what a call costs, without a transaction's own costs
contract GasMeter__Harness {
    /// @notice Calls `target` and returns the gas used and its answer.
    function measure(address target, bytes calldata data) external view returns (uint256 gasUsed, bytes memory answer) {
        bytes memory input = data;
        // Warm, as after an earlier call: what is measured is the callee's work.
        (bool ok,) = target.staticcall(input);
        uint256 before = gasleft();
        (ok, answer) = target.staticcall(input);
        gasUsed = before - gasleft();
        require(ok, "the call failed");
    }
}
