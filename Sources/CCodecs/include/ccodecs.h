// Compression with system libraries: zlib for gzip input, LZ4 for stored rows.
#ifndef CCODECS_H
#define CCODECS_H
#include <lz4.h>
#include <zlib.h>

/// Initializes a zero-filled stream to decompress gzip members (window bits 15 + 16). Returns Z_OK or another code of
/// zlib; on success the caller ends the stream with inflateEnd. (inflateInit2 is a macro, which Swift cannot import.)
static inline int quire_gunzip_open(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
#endif
