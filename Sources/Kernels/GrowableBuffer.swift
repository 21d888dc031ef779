public import Glibc

/// A flat, growing run of trivial values outside Swift's heap accounting: the working memory of hot loops.
///
/// Shape: `count` initialised elements at `base`, room for `capacity`. Growth is by half through `realloc`, which moves
/// large runs by remapping pages, so untouched room costs address space and no resident memory.
/// Units: elements, not bytes. Errors: none; exhausted memory is a trap, as everywhere in Swift.
/// Complexity: appending is amortised O(1).
@frozen
public struct GrowableBuffer<Element: BitwiseCopyable>: ~Copyable {
    /// The first element.
    public var base: UnsafeMutablePointer<Element>
    /// Initialised elements.
    public var count: Int
    /// Elements there is room for.
    public var capacity: Int

    /// Creates an empty buffer with room for `capacity` elements (at least one).
    @inlinable
    public init(capacity: Int = 16) {
        self.capacity = max(capacity, 1)
        base = Self.resized(nil, to: self.capacity)
        count = 0
    }

    deinit { free(base) }

    @inlinable
    static func resized(_ old: UnsafeMutablePointer<Element>?, to capacity: Int) -> UnsafeMutablePointer<Element> {
        let bytes = capacity * MemoryLayout<Element>.stride
        guard let new = realloc(old, bytes) else { preconditionFailure("out of memory: \(bytes) bytes") }
        return new.bindMemory(to: Element.self, capacity: capacity)
    }

    /// Bytes that the initialised elements take.
    @inlinable public var byteCount: Int { count &* MemoryLayout<Element>.stride }

    /// The initialised elements; valid until the next growth.
    @inlinable public var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

    /// An element by its place.
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

    /// Makes room for `more` elements behind the last.
    @inlinable
    public mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow(to: count + more) }
    }

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

    /// Appends `more` elements read from `source`.
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

    /// Forgets the elements and keeps the room.
    @inlinable public mutating func removeAll() { count = 0 }

    /// Forgets the elements and gives the memory back.
    public mutating func release() {
        free(base)
        capacity = 1
        base = Self.resized(nil, to: 1)
        count = 0
    }
}

extension GrowableBuffer where Element == UInt8 {
    /// Appends the bytes of a buffer.
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

    /// Appends an unsigned integer as a varint: 7 bits a byte, least significant first, high bit = more follows.
    @inlinable
    public mutating func append(varint value: UInt64) {
        reserve(10)
        count &+= writeVarint(value, to: base + count)
    }
}
