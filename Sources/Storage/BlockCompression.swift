import CCodecs
public import Kernels

/// Compresses one block with LZ4, appends it to `out` and returns its compressed size in bytes.
///
/// Shape: a bare block without a frame: the reader must know its raw length. At most 2,113,929,216 bytes
/// (`LZ4_MAX_INPUT_SIZE`). Complexity: O(bytes). Source: the LZ4 block format (system library).
public func compressBlock(_ raw: UnsafeRawBufferPointer, to out: inout GrowableBuffer<UInt8>) -> Int {
    let bound = Int(LZ4_compressBound(Int32(raw.count)))
    out.reserve(bound)
    let n = LZ4_compress_default(
        raw.baseAddress?.assumingMemoryBound(to: CChar.self),
        UnsafeMutableRawPointer(out.base + out.count).assumingMemoryBound(to: CChar.self),
        Int32(raw.count), Int32(bound))
    precondition(n > 0 || raw.isEmpty, "a bound-sized output always suffices")
    out.count += Int(n)
    return Int(n)
}

/// Decompresses a block that holds `rawCount` bytes into `out`; returns false when the block is corrupt or of another
/// length.
///
/// Safe on any input: the decoder never reads or writes outside the two buffers. After a failure the contents of `out`
/// are undefined. Complexity: O(rawCount).
public func decompressBlock(_ block: UnsafeRawBufferPointer, into out: UnsafeMutableRawPointer, rawCount: Int) -> Bool {
    guard block.count <= Int(Int32.max), rawCount <= Int(Int32.max) else { return false }
    let n = LZ4_decompress_safe(
        block.baseAddress?.assumingMemoryBound(to: CChar.self), out.assumingMemoryBound(to: CChar.self),
        Int32(block.count), Int32(rawCount))
    return Int(n) == rawCount
}
