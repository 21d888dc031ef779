// Compression with system libraries: zlib for gzip, LZ4 for stored rows.
#ifndef CCODECS_H
#define CCODECS_H
#include <lz4.h>
#include <zlib.h>

/// Initializes a zero-filled stream to decompress gzip members (window bits 15 + 16). Returns Z_OK or another code of
/// zlib; on success the caller ends the stream with inflateEnd. (inflateInit2 is a macro, which Swift cannot import.)
static inline int quire_gunzip_open(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

/// Initializes a zero-filled stream to compress a gzip member. Returns Z_OK or another code of zlib; on success the
/// caller ends the stream with deflateEnd.
static inline int quire_gzip_open(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits + 16, memory_level, Z_DEFAULT_STRATEGY);
}
#endif
