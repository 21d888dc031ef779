// Compression by system libraries: zlib for gzip input, LZ4 for stored rows.
#ifndef CCODECS_H
#define CCODECS_H
#include <lz4.h>
#include <zlib.h>

/// Prepares a stream that reads gzip members; returns zlib's code. (inflateInit2 is a macro, which Swift cannot import.)
static inline int quire_gunzip_open(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
#endif
