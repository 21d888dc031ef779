public import Glibc

/// A growable, contiguous array of trivial values: the working memory of hot loops.
///
/// Unlike `Array` it has a single owner, no copy-on-write checks, and gives direct access to its memory. It is not
/// thread-safe.
///
/// ```swift
/// var postings = GrowableBuffer<UInt8>(capacity: 1 << 12)
/// postings.append(varint: gap)
/// try file.write(UnsafeRawBufferPointer(postings.elements))
/// postings.removeAll()  // keeps the memory for the next round
/// ```
///
/// Shape: `count` initialized elements at `base`, room for `capacity`. The capacity grows by half through `realloc`,
/// which moves large buffers by remapping pages, so that untouched room costs address space and no resident memory.
/// Units: elements, not bytes. Errors: none; exhausted memory is a trap, as everywhere in Swift.
/// Complexity: appending is amortized O(1).
@frozen
public struct GrowableBuffer<Element: BitwiseCopyable>: ~Copyable {
    /// The address of the first element; changes with every growth.
    public var base: UnsafeMutablePointer<Element>
    /// The number of initialized elements. It may be set up to `capacity` after elements were written through `base`.
    public var count: Int
    /// The number of elements that fit without growing.
    public var capacity: Int

    /// Creates an empty buffer with room for `capacity` elements (at least one).
    @inlinable
    public init(capacity: Int = 16) {
        self.capacity = max(capacity, 1)
        base = Self.resized(nil, to: self.capacity)
        count = 0
    }

    deinit { free(base) }

    /// Reallocates memory for `capacity` elements and returns it; traps when memory is exhausted.
    @inlinable
    static func resized(_ old: UnsafeMutablePointer<Element>?, to capacity: Int) -> UnsafeMutablePointer<Element> {
        let bytes = capacity * MemoryLayout<Element>.stride
        guard let new = realloc(old, bytes) else { preconditionFailure("out of memory: \(bytes) bytes") }
        return new.bindMemory(to: Element.self, capacity: capacity)
    }

    /// The size of the initialized elements in bytes.
    @inlinable public var byteCount: Int { count &* MemoryLayout<Element>.stride }

    /// The initialized elements; the pointer is valid until the next growth.
    @inlinable public var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

    /// The element at an index; the index is checked in debug builds only.
    @inlinable
    public subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        set {
            assert(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    /// Makes room for `more` elements after the last, so that `base` does not move while they are appended.
    @inlinable
    public mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow(to: count + more) }
    }

    /// Grows the capacity to `needed` elements or by half, whichever is larger; kept out of line of the appends.
    @inlinable
    @inline(never)
    mutating func grow(to needed: Int) {
        let new = max(needed, capacity + capacity / 2 + 8)
        base = Self.resized(base, to: new)
        capacity = new
    }

    /// Appends one element.
    @inlinable
    public mutating func append(_ element: Element) {
        if count == capacity { grow(to: count + 1) }
        base[count] = element
        count &+= 1
    }

    /// Appends `more` elements read from `source`, which may point into this buffer only after a `reserve` of enough
    /// room, because growth moves the elements.
    @inlinable
    public mutating func append(from source: UnsafePointer<Element>, count more: Int) {
        reserve(more)
        (base + count).update(from: source, count: more)
        count &+= more
    }

    /// Appends `more` copies of `element`.
    @inlinable
    public mutating func append(repeating element: Element, count more: Int) {
        reserve(more)
        (base + count).update(repeating: element, count: more)
        count &+= more
    }

    /// Removes the elements and keeps the capacity.
    @inlinable public mutating func removeAll() { count = 0 }

    /// Removes the elements and frees the memory; the buffer stays usable.
    public mutating func release() {
        free(base)
        capacity = 1
        base = Self.resized(nil, to: 1)
        count = 0
    }
}

extension GrowableBuffer where Element == UInt8 {
    /// Appends the bytes of a buffer; as with `append(from:count:)` they must not move with this one.
    @inlinable
    public mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        append(from: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    /// Appends a string's UTF-8 bytes.
    public mutating func append(utf8 string: String) {
        var string = string
        string.withUTF8 { append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    /// Appends the little-endian bytes of a fixed-width integer.
    @inlinable
    public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(littleEndian value: T) {
        reserve(MemoryLayout<T>.size)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: T.self)
        count &+= MemoryLayout<T>.size
    }

    /// Appends an unsigned integer as a varint of 1 to 10 bytes: 7 bits per byte, least significant first, high bit set
    /// when more bytes follow.
    @inlinable
    public mutating func append(varint value: UInt64) {
        reserve(10)
        count &+= writeVarint(value, to: base + count)
    }
}
