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

/// Decompresses the first `count` bytes, or all, of a block that holds `rawCount` bytes into `out`, which has room for
/// `rawCount`; returns false when that part of the block is corrupt or shorter.
///
/// Safe on any input: the decoder never reads or writes outside the two buffers. After a failure the contents of `out`
/// are undefined. Complexity: O(count).
public func decompressBlock(
    _ block: UnsafeRawBufferPointer, into out: UnsafeMutableRawPointer, rawCount: Int, first count: Int? = nil
) -> Bool {
    guard block.count <= Int(Int32.max), rawCount <= Int(Int32.max) else { return false }
    let (source, target) = (
        block.baseAddress?.assumingMemoryBound(to: CChar.self), out.assumingMemoryBound(to: CChar.self)
    )
    guard let count, count < rawCount else {
        return Int(LZ4_decompress_safe(source, target, Int32(block.count), Int32(rawCount))) == rawCount
    }
    let read = LZ4_decompress_safe_partial(source, target, Int32(block.count), Int32(count), Int32(rawCount))
    return Int(read) >= count
}
