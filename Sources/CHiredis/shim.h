// The parser of replies (RESP2) of the system's hiredis.
#include <hiredis/hiredis.h>
