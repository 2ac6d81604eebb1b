//! Loops compiled a second time for the wide vector registers of newer processors, and chosen between while the program runs.

/// Runs `work`, compiled for the best instruction set that this machine has (AVX2 on x86-64; elsewhere what the target has
/// anyway).
///
/// The compiler makes the vector code out of plain loops. It neither reorders additions nor fuses them with multiplications, so
/// the results are the same bits on every machine: `scalar` is the twin that tests compare with. What `work` calls must be
/// `#[inline(always)]`, and so must `work` itself: code that stays a function of its own is compiled for the oldest machine.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Runs `work` as the oldest machine would.
#[cfg(test)]
pub fn scalar<R>(work: impl FnOnce() -> R) -> R {
    work()
}
